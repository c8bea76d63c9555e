// The picture on a canvas by WebGL2: the shared pixel shader's text around textures of halves.
import { NODES_WIDTH, TABLE_WIDTH, nodeTexels, setNumbers, tableTexels } from "./device.js";
import { Programs, UNITS } from "./program.js";

/**
 * @typedef {import("./device.js").DeviceData} DeviceData
 * @typedef {"a" | "b"} Side
 * @typedef {{width: number, height: number, planes: number, scale: number, data: number[], display: number[],
 *   aspect: number, premultiplied: boolean, raw: boolean, [fact: string]: any}} FrameHeader
 * @typedef {{exposure: number, gamma: number, channel: string, false_color: boolean, clipping: boolean,
 *   markers: boolean, mode: string, wipe: number[], zoom: number, center: number[]}} Looking  as in looking.py
 * @typedef {{bands: [number, number[]][], colors: {high: number[], low: number[], nan: number[], inf: number[],
 *   negative: number[]}, surround: number[], difference: number}} Constants  as a session has them; colors of 0 to 255
 * @typedef {{header: FrameHeader, width: number, height: number, planes: number, texture: WebGLTexture}} Picture
 */

/** @typedef {(name: string) => WebGLUniformLocation | null} Place of a uniform */

/** @type {Looking} */
const PLAIN = { exposure: 0, gamma: 1, channel: "rgb", false_color: false, clipping: false, markers: false, mode: "single",
  wipe: [0, 0, 0], zoom: 1, center: [0, 0] };
const MODES = ["single", "wipe", "difference"], CHANNELS = ["rgb", "r", "g", "b", "a", "y"];

/** @param {WebGL2RenderingContext} gl @param {number} kind @param {number} format @param {number[]} size */
function layered(gl, kind, format, [width, height, layers]) {
  const texture = /** @type {WebGLTexture} */ (gl.createTexture());
  gl.bindTexture(kind, texture);
  gl.texStorage3D(kind, 1, format, width, height, layers);
  for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, gl.NEAREST], [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]]) gl.texParameteri(kind, name, value);
  return texture;
}

/** Rows of texels for two devices, which grow as they must. */
class Rows {
  /** @param {WebGL2RenderingContext} gl @param {number} width */
  constructor(gl, width) {
    this.gl = gl, this.width = width, this.height = 0;
    /** @type {(Float32Array | null)[]} */
    this.kept = [null, null];
    /** @type {WebGLTexture | null} */
    this.texture = null;
  }

  /** @param {number} layer @param {Float32Array} texels */
  set(layer, texels) {
    this.kept[layer] = texels;
    const rows = texels.length / 4 / this.width;
    if (rows <= this.height) return this.upload(layer);
    this.gl.deleteTexture(this.texture);
    this.height = rows;
    this.texture = layered(this.gl, this.gl.TEXTURE_2D_ARRAY, this.gl.RGBA32F, [this.width, rows, 2]);
    this.upload(0), this.upload(1);
  }

  /** @param {number} layer */
  upload(layer) {
    const { gl, width, kept } = this, texels = kept[layer];
    if (!texels) return;
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.texture);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, layer, width, texels.length / 4 / width, 1, gl.RGBA, gl.FLOAT, texels);
  }
}

/** What is on a graphics card, and is lost with a context. */
class Drawing {
  /** @param {WebGL2RenderingContext} gl @param {string} text @param {Constants} constants */
  constructor(gl, text, constants) {
    this.gl = gl;
    this.programs = new Programs(gl, text, constants);
    this.tables = new Rows(gl, TABLE_WIDTH), this.nodes = new Rows(gl, NODES_WIDTH);
    /** @type {Record<string, Picture>} */
    this.pictures = {};
    /** @type {Record<string, {data: DeviceData, tetrahedral: boolean}>} */
    this.devices = {};
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.empty = layered(gl, gl.TEXTURE_2D_ARRAY, gl.R16UI, [1, 1, 3]);
  }

  /** @param {Side} side @param {FrameHeader} header @param {ArrayBuffer} buffer @param {number} offset */
  picture(side, header, buffer, offset) {
    const { gl } = this, { width, height, planes } = header, old = this.pictures[side];
    const fits = old && old.width === width && old.height === height && old.planes === planes;
    if (old && !fits) gl.deleteTexture(old.texture);
    const texture = fits ? old.texture : layered(gl, gl.TEXTURE_2D_ARRAY, gl.R16UI, [width, height, planes]);
    this.pictures[side] = { header, width, height, planes, texture };
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    const halves = new Uint16Array(buffer, offset, width * height * planes);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, width, height, planes, gl.RED_INTEGER, gl.UNSIGNED_SHORT, halves);
  }

  /** @param {Side} side @param {DeviceData} data @param {boolean} tetrahedral */
  device(side, data, tetrahedral) {
    const layer = side === "a" ? 0 : 1;
    this.tables.set(layer, tableTexels(data)), this.nodes.set(layer, nodeTexels(data));
    this.devices[side] = { data, tetrahedral };
  }

  /** The program for what is asked, with the numbers of its devices. @param {Looking} looking @param {boolean} codesOnly */
  program({ mode, zoom, gamma, false_color, clipping, markers }, codesOnly) {
    const { gl, devices, pictures } = this, kind = MODES.indexOf(mode);
    const scales = [pictures.a, kind ? pictures.b ?? pictures.a : pictures.a].map(({ header }) => zoom * header.scale >= 1);
    /** @type {Record<string, number | boolean | string>} */
    const words = { MODE: kind, FALSE_COLOR: false_color, CLIPPING: clipping, MARKERS: markers, CODES_ONLY: codesOnly,
      HAS_GAMMA: gamma !== 1 };
    if (scales[0] === scales[1]) words.IS_NEAREST = scales[0];
    for (const side of kind ? ["a", "b"] : ["a"]) {
      if (!devices[side]) continue;
      const { stages, steps, step } = devices[side].data.header.device, name = side.toUpperCase();
      const curves = step.map((/** @type {any} */ each) => each.curves).reduceRight((/** @type {number} */ all, /** @type {number} */ few) => 4 * all + few, 0);
      words[`STAGES_${name}`] = stages;
      words[`STEPS_${name}`] = steps;
      words[`CURVES_${name}(step_number)`] = `((${curves} >> (2 * step_number)) & 3)`;
      words[`BY_TETRAHEDRA_${name}`] = devices[side].tetrahedral;
    }
    const program = this.programs.use(words), { at, held } = program;
    for (const [layer, side] of /** @type {Side[]} */ (["a", "b"]).entries()) {
      if (!devices[side] || held[side] === devices[side]) continue;
      held[side] = devices[side];
      setNumbers(gl, at, `device_${side}`, devices[side].data.header.device);
      gl.uniform1i(at(`device_${side}.layer`), layer);
      gl.uniform1i(at(`device_${side}.first`), devices[side].data.header.table.first);
    }
    return program;
  }

  /** @param {Place} at @param {Side} side @param {Side} from which picture is on that side */
  scene(at, side, from) {
    const { gl } = this, picture = this.pictures[from];
    gl.activeTexture(gl.TEXTURE0 + UNITS[side === "a" ? "scene_a" : "scene_b"]);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, picture ? picture.texture : this.empty);
    if (!picture) return;
    const { header, width, height, planes } = picture, [left, top, right, bottom] = header.display, path = `facts_${side}`;
    gl.uniform2i(at(`${path}.size`), width, height);
    gl.uniform1f(at(`${path}.scale`), header.scale);
    gl.uniform2f(at(`${path}.origin`), header.data[0] - left, header.data[1] - top);
    gl.uniform2f(at(`${path}.window`), right - left + 1, bottom - top + 1);
    gl.uniform1f(at(`${path}.aspect`), header.aspect);
    gl.uniform1i(at(`${path}.planes`), planes);
    gl.uniform1i(at(`${path}.premultiplied`), Number(header.premultiplied && planes === 4));
    gl.uniform1i(at(`${path}.raw`), Number(header.raw));
  }

  /** @param {Place} at @param {Looking} looking */
  look(at, looking) {
    const { gl } = this, [x, y, angle] = looking.wipe, [left, top, right, bottom] = this.pictures.a.header.display;
    const turn = (angle * Math.PI) / 180;
    gl.uniform1f(at("gain"), 2 ** looking.exposure);
    gl.uniform1f(at("inverse_gamma"), 1 / looking.gamma);
    gl.uniform1f(at("zoom"), looking.zoom);
    gl.uniform2f(at("center"), looking.center[0], looking.center[1]);
    gl.uniform1i(at("channel"), CHANNELS.indexOf(looking.channel));
    gl.uniform4f(at("wipe"), x * (right - left + 1), y * (bottom - top + 1), Math.cos(turn), Math.sin(turn));
  }

  /** @param {Looking} looking @param {number} width @param {number} height @param {boolean} codesOnly */
  run(looking, width, height, codesOnly = false) {
    const { gl } = this, { at } = this.program(looking, codesOnly);
    this.look(at, looking);
    this.scene(at, "a", "a"), this.scene(at, "b", this.pictures.b ? "b" : "a");
    gl.activeTexture(gl.TEXTURE0 + UNITS.tables), gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.tables.texture);
    gl.activeTexture(gl.TEXTURE0 + UNITS.nodes), gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.nodes.texture);
    gl.viewport(0, 0, width, height);
    gl.uniform2f(at("canvas"), width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

/** A picture's canvas; what it shows is set piece by piece, and drawn when asked. */
export class Screen {
  /**
   * @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {string} text @param {Constants} constants
   * @param {PredefinedColorSpace} [wanted] color space of the canvas; `space` says which it has
   */
  constructor(canvas, text, constants, wanted = "srgb") {
    const options = { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true };
    const gl = /** @type {WebGL2RenderingContext | null} */ (canvas.getContext("webgl2", options));
    if (!gl) throw new Error("this browser draws no WebGL2 here");
    this.canvas = canvas, this.gl = gl, this.text = text, this.constants = constants, this.wanted = wanted;
    gl.drawingBufferColorSpace = wanted;  // stays as it is where the browser does not know it
    const about = gl.getExtension("WEBGL_debug_renderer_info");
    this.renderer = String(gl.getParameter(about ? about.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    this.maxSize = Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.drawing = new Drawing(gl, text, constants);
    canvas.addEventListener("webglcontextlost", this.#lost);
    canvas.addEventListener("webglcontextrestored", this.#restored);
  }

  /** Color space of the canvas. @returns {PredefinedColorSpace} */
  get space() { return this.gl.drawingBufferColorSpace ?? "srgb"; }

  get lost() { return this.gl.isContextLost(); }
  /** Call `listener` when a lost context is there again, empty. @param {() => void} listener */
  onRestored(listener) { this.listeners.add(listener); }

  #lost = (/** @type {Event} */ event) => event.preventDefault();  // else it is never restored

  #restored = () => {
    this.gl.drawingBufferColorSpace = this.wanted;
    this.drawing = new Drawing(this.gl, this.text, this.constants);
    for (const listener of this.listeners) listener();
  };

  /**
   * Set a side's frame. @param {Side} side @param {FrameHeader | null} header null: side b is side a's frame
   * @param {ArrayBuffer} [buffer] @param {number} [offset] of the planes
   */
  setPicture(side, header, buffer, offset = 0) {
    if (this.lost) return;
    if (header && buffer) return this.drawing.picture(side, header, buffer, offset);
    if (this.drawing.pictures[side]) this.gl.deleteTexture(this.drawing.pictures[side].texture);
    delete this.drawing.pictures[side];
  }

  /** @param {Side} side @param {DeviceData} data @param {boolean} [tetrahedral] as the SDev says by default */
  setDevice(side, data, tetrahedral = data.header.tetrahedral) {
    if (!this.lost) this.drawing.device(side, data, tetrahedral);
  }

  /** Draw on the canvas. @param {Looking} looking */
  draw(looking) {
    if (this.lost || !this.drawing.pictures.a) return;
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, null);
    this.drawing.run(looking, this.canvas.width, this.canvas.height);
  }

  /**
   * Draw into memory, for scopes: what a canvas of this size would show, top row first.
   * @param {Looking} looking @param {number} width @param {number} height
   * @returns {{pixels: Uint8Array, width: number, height: number}} RGBA
   */
  read(looking, width, height) {
    const pixels = new Uint8Array(4 * width * height), turned = new Uint8Array(pixels.length);
    if (this.lost || !this.drawing.pictures.a) return { pixels, width, height };
    this.#into(this.gl.RGBA8, width, height, () => {
      this.drawing.run(looking, width, height);
      this.gl.readPixels(0, 0, width, height, this.gl.RGBA, this.gl.UNSIGNED_BYTE, turned);
    });
    for (let y = 0; y < height; ++y) pixels.set(turned.subarray(4 * width * y, 4 * width * (y + 1)), 4 * width * (height - 1 - y));
    return { pixels, width, height };
  }

  /** Codes of side a's samples as floats, RGBA, in the picture's order. @param {number} exposure in stops */
  codes(exposure = 0) {
    const { gl } = this, { width, height } = this.drawing.pictures.a, values = new Float32Array(4 * width * height);
    if (!gl.getExtension("EXT_color_buffer_float")) throw new Error("floats cannot be read back here");
    this.#into(gl.RGBA32F, width, height, () => {
      this.drawing.run({ ...PLAIN, exposure }, width, height, true);
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, values);
    });
    return values;
  }

  /** @param {number} format @param {number} width @param {number} height @param {() => void} draw */
  #into(format, width, height, draw) {
    const { gl } = this, target = gl.createFramebuffer(), texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + Object.keys(UNITS).length);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    draw();
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.deleteFramebuffer(target), gl.deleteTexture(texture);
  }

  /** Codes, 0 to 255, of a canvas pixel as drawn last. @param {number} x @param {number} y from the top */
  sample(x, y) {
    const pixel = new Uint8Array(4), { gl } = this;
    gl.readPixels(x, this.canvas.height - 1 - y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return pixel;
  }

  /** Give the card's memory back. */
  dispose() {
    this.canvas.removeEventListener("webglcontextlost", this.#lost);
    this.canvas.removeEventListener("webglcontextrestored", this.#restored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
