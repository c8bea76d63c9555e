// An SDev of the server as the shader takes it: message to arrays, arrays to textures and uniforms.

/**
 * @typedef {Record<string, any>} Numbers  fields of `Device` in pixel_shader.h
 * @typedef {{kind: "table" | "curves", first: number, count: number, columns: number}} TableFacts
 * @typedef {{device: Numbers, table: TableFacts, size: number, tetrahedral: boolean, [fact: string]: any}} DeviceHeader
 * @typedef {{header: DeviceHeader, table: Float32Array, nodes: Float32Array}} DeviceData
 * @typedef {{header: any, offset: number}} Framed
 */

export const TABLE_WIDTH = 256, NODES_WIDTH = 2048;  // texels, as in words.glsl

/** The JSON at a message's start, and where its arrays begin. @param {ArrayBuffer} buffer @returns {Framed} */
export function unframed(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  return { header: JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))), offset: 4 + length };
}

/** @param {ArrayBuffer} buffer the answer of /sdev @returns {DeviceData} */
export function unpacked(buffer) {
  const { header, offset } = unframed(buffer);
  const count = header.table.count * header.table.columns;
  const table = new Float32Array(buffer, offset, count);
  return { header, table, nodes: new Float32Array(buffer, offset + 4 * count, 3 * header.size ** 3) };
}

/**
 * Entries as texels: one column is all three channels.
 * @param {DeviceData} data @returns {Float32Array} whole rows of TABLE_WIDTH texels
 */
export function tableTexels({ header, table }) {
  const { count, columns } = header.table;
  const texels = new Float32Array(4 * TABLE_WIDTH * Math.max(1, Math.ceil(count / TABLE_WIDTH)));
  for (let i = 0; i < count; ++i)
    for (let k = 0; k < 3; ++k) texels[4 * i + k] = k < columns || columns === 1 ? table[columns * i + (columns === 1 ? 0 : k)] : 0;
  return texels;
}

/**
 * Nodes as texels, with the zeros after the last that the shader reads with weight 0.
 * @param {DeviceData} data @returns {Float32Array} whole rows of NODES_WIDTH texels
 */
export function nodeTexels({ header, nodes }) {
  const { size } = header, count = size ** 3 + size ** 2 + size + 1;
  const texels = new Float32Array(4 * NODES_WIDTH * Math.ceil(count / NODES_WIDTH));
  for (let i = 0; i < size ** 3; ++i)
    for (let k = 0; k < 3; ++k) texels[4 * i + k] = nodes[3 * i + k];
  return texels;
}

const WHOLE = new Set(["size", "stages", "steps", "curves", "last", "start"]);  // ints of `Device` and `Step`

/**
 * Set the numbers of a device.
 * @param {WebGL2RenderingContext} gl @param {(name: string) => WebGLUniformLocation | null} at
 * @param {string} path "device_a" @param {Numbers} numbers
 */
export function setNumbers(gl, at, path, numbers) {
  for (const [name, value] of Object.entries(numbers)) {
    const where = `${path}.${name}`;
    if (!Array.isArray(value)) WHOLE.has(name) ? gl.uniform1i(at(where), value) : gl.uniform1f(at(where), value);
    else if (typeof value[0] === "number") gl.uniform1fv(at(`${where}[0]`), value);
    else value.forEach((each, i) => setNumbers(gl, at, `${where}[${i}]`, each));
  }
}
