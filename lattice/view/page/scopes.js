/** Counts of a picture's 8-bit codes, and the scopes drawn from them. No DOM: a worker and tests call it. */

/** @typedef {Uint8Array | Uint8ClampedArray} Pixels RGBA, top row first */
/** @typedef {{width: number, height: number, pixels: Uint8ClampedArray<ArrayBuffer>}} Drawing RGBA */

export const LEVELS = 256;
export const VECTOR = 256; // side of the vectorscope
// Chroma of codes of 0 to 1. Source: ITU-R BT.709, 3.2 and 3.3.
const LUMA = [0.2126, 0.7152, 0.0722];
const [BLUE_SPAN, RED_SPAN] = [1.8556, 1.5748];
const COLORS = [[196, 92, 84], [92, 168, 104], [92, 128, 200]]; // of the counts of red, green and blue
const TRACE = [200, 200, 200];

/**
 * How often each code is in each column, by channel.
 * @param {Pixels} pixels @param {number} width @param {number} height
 * @returns {Uint32Array} (3, LEVELS, width), code 0 first
 */
export function waveform(pixels, width, height) {
  const counts = new Uint32Array(3 * LEVELS * width);
  for (let at = 0, y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x, at += 4) {
      for (let k = 0; k < 3; ++k) counts[(k * LEVELS + pixels[at + k]) * width + x] += 1;
    }
  }
  return counts;
}

/** How often each code is, by channel. @param {Pixels} pixels @returns {Uint32Array} (3, LEVELS) */
export function histogram(pixels) {
  const counts = new Uint32Array(3 * LEVELS);
  for (let at = 0; at < pixels.length; at += 4) for (let k = 0; k < 3; ++k) counts[k * LEVELS + pixels[at + k]] += 1;
  return counts;
}

/** Cell of the vectorscope that a color is in: Cb to the right, Cr up. @param {number} r @param {number} g @param {number} b 0 to 255 */
export function chroma(r, g, b) {
  const y = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
  const i = Math.round(((b - y) / BLUE_SPAN / 255 + 0.5) * (VECTOR - 1));
  const j = Math.round((0.5 - (r - y) / RED_SPAN / 255) * (VECTOR - 1));
  return j * VECTOR + i;
}

/** How often each chroma is. @param {Pixels} pixels @returns {Uint32Array} (VECTOR, VECTOR), Cr = +0.5 first */
export function vectorscope(pixels) {
  const counts = new Uint32Array(VECTOR * VECTOR);
  for (let at = 0; at < pixels.length; at += 4) counts[chroma(pixels[at], pixels[at + 1], pixels[at + 2])] += 1;
  return counts;
}

/** Brightness of a count: few show, many do not hide them. @param {number} count @param {number} gain */
const glow = (count, gain) => 1 - Math.exp(-gain * Math.sqrt(count));

/** @param {Uint32Array} counts @param {number} width @param {number} height lines of the picture @returns {Drawing} */
export function drawWaveform(counts, width, height) {
  const pixels = new Uint8ClampedArray(4 * LEVELS * width);
  const gain = 4 / Math.sqrt(height);
  for (let level = 0; level < LEVELS; ++level) {
    for (let x = 0; x < width; ++x) {
      const at = 4 * ((LEVELS - 1 - level) * width + x);
      for (let k = 0; k < 3; ++k) {
        const bright = glow(counts[(k * LEVELS + level) * width + x], gain);
        for (let j = 0; j < 3; ++j) pixels[at + j] += bright * COLORS[k][j];
      }
      pixels[at + 3] = Math.max(pixels[at], pixels[at + 1], pixels[at + 2]) > 0 ? 255 : 0;
    }
  }
  return { width, height: LEVELS, pixels };
}

/** @param {Uint32Array} counts @param {number} total pixels of the picture @returns {Drawing} */
export function drawVectorscope(counts, total) {
  const pixels = new Uint8ClampedArray(4 * VECTOR * VECTOR);
  const gain = 120 / Math.sqrt(total);
  counts.forEach((count, cell) => {
    if (count > 0) pixels.set([...TRACE, 255 * Math.max(0.25, glow(count, gain))], 4 * cell);
  });
  return { width: VECTOR, height: VECTOR, pixels };
}

/** @param {Uint32Array} counts @param {number} height of the drawing @returns {Drawing} */
export function drawHistogram(counts, height = 128) {
  const pixels = new Uint8ClampedArray(4 * LEVELS * height);
  const inner = [...counts].filter((_, i) => i % LEVELS > 0 && i % LEVELS < LEVELS - 1); // the ends would flatten the rest
  const most = Math.sqrt(Math.max(1, ...inner));
  for (let k = 0; k < 3; ++k) {
    for (let level = 0; level < LEVELS; ++level) {
      const top = height - Math.min(height, Math.round((height * Math.sqrt(counts[k * LEVELS + level])) / most));
      for (let y = top; y < height; ++y) {
        const at = 4 * (y * LEVELS + level);
        for (let j = 0; j < 3; ++j) pixels[at + j] += COLORS[k][j] * 0.8;
        pixels[at + 3] = 255;
      }
    }
  }
  return { width: LEVELS, height, pixels };
}

/**
 * All scopes of a picture.
 * @param {Pixels} pixels @param {number} width @param {number} height
 * @returns {{waveform: Drawing, vectorscope: Drawing, histogram: Drawing}}
 */
export function scopes(pixels, width, height) {
  return {
    waveform: drawWaveform(waveform(pixels, width, height), width, height),
    vectorscope: drawVectorscope(vectorscope(pixels), width * height),
    histogram: drawHistogram(histogram(pixels)),
  };
}
