// The page's shader compiled for what is asked of it: a GPU skips what is not asked, software does not.

/** @import {Constants} from "./picture.js" */

const CORNERS = `#version 300 es
void main() { gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0); }`;
const MOST_BANDS = 24; // as in looking.glsl
const MOST_PROGRAMS = 24; // kept; one takes about 10 ms to make
export const UNITS = { scene_a: 0, scene_b: 1, tables: 2, nodes: 3 };

/** @param {WebGL2RenderingContext} gl @param {string} text */
function linked(gl, text) {
  const program = gl.createProgram();
  const shaders = [CORNERS, text].map((source, i) => {
    const shader = /** @type {WebGLShader} */ (gl.createShader(i ? gl.FRAGMENT_SHADER : gl.VERTEX_SHADER));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    return shader;
  });
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error([...shaders.map((each) => gl.getShaderInfoLog(each)), gl.getProgramInfoLog(program)].join("\n"));
  for (const shader of shaders) gl.deleteShader(shader);
  return program;
}

/** A linked program, the places of its uniforms, and the devices whose numbers it holds. */
class Program {
  /** @param {WebGL2RenderingContext} gl @param {string} text @param {Constants} constants */
  constructor(gl, text, constants) {
    this.gl = gl;
    this.program = linked(gl, text);
    /** @type {Map<string, WebGLUniformLocation | null>} */
    this.places = new Map();
    /** @type {{a: any, b: any}} */
    this.held = { a: null, b: null };
    gl.useProgram(this.program);
    for (const [name, unit] of Object.entries(UNITS)) gl.uniform1i(this.at(name), unit);
    this.#constants(constants);
  }

  /** @param {string} name */
  at = (name) => {
    let found = this.places.get(name);
    if (found === undefined) this.places.set(name, (found = this.gl.getUniformLocation(this.program, name)));
    return found;
  };

  /** @param {Constants} constants */
  #constants(constants) {
    const { gl, at } = this, bands = constants.bands.slice(0, MOST_BANDS);
    const unit = (/** @type {number[]} */ color) => color.map((code) => code / 255);
    const { high, low, nan, inf, negative } = constants.colors;
    gl.uniform4fv(at("bands[0]"), bands.flatMap(([upper, color]) => [upper, ...unit(color)]));
    gl.uniform1i(at("band_count"), bands.length);
    for (const [name, color] of Object.entries({ surround: constants.surround, above: high, below: low,
      nan_color: nan, inf_color: inf, negative_color: negative })) gl.uniform3fv(at(name), unit(color));
    gl.uniform1f(at("difference"), constants.difference);
  }
}

/** Programs by their constants, the latest ones kept. */
export class Programs {
  /** @param {WebGL2RenderingContext} gl @param {string} text @param {Constants} constants */
  constructor(gl, text, constants) {
    this.gl = gl, this.text = text, this.constants = constants;
    /** @type {Map<string, Program>} */
    this.kept = new Map();
  }

  /** The program of these words, in use. @param {Record<string, number | boolean | string>} words of looking.glsl and wire.py */
  use(words) {
    const key = Object.entries(words).map(([name, value]) => `#define ${name} ${value}\n`).join("");
    const [version, rest] = [this.text.slice(0, this.text.indexOf("\n") + 1), this.text.slice(this.text.indexOf("\n") + 1)];
    const found = this.kept.get(key) ?? new Program(this.gl, version + key + rest, this.constants);
    this.kept.delete(key), this.kept.set(key, found);
    for (const [old, { program }] of this.kept) {
      if (this.kept.size <= MOST_PROGRAMS) break;
      this.gl.deleteProgram(program), this.kept.delete(old);
    }
    this.gl.useProgram(found.program);
    return found;
  }
}
