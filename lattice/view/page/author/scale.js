/** Axes: values to pixels and back, round ticks, numbers as text. */

/** @typedef {{low: number, high: number, at: (value: number) => number, value: (pixel: number) => number}} Scale */

/**
 * Return a linear scale from values to pixels.
 * @param {number} low @param {number} high values at both ends @param {number} from @param {number} to their pixels
 * @returns {Scale}
 */
export function scale(low, high, from, to) {
  const pixels = (to - from) / (high - low);
  return { low, high, at: (value) => from + (value - low) * pixels, value: (pixel) => low + (pixel - from) / pixels };
}

/**
 * Return the round step (1, 2 or 5 times a power of ten) at or above a size.
 * @param {number} size above 0
 */
export function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * ([1, 2, 5].find((each) => each * power >= size * (1 - 1e-9)) ?? 10);
}

/**
 * Return the round values from low to high, at most about so many.
 * @param {number} low @param {number} high @param {number} about
 * @returns {{values: number[], step: number}}
 */
export function ticks(low, high, about) {
  const step = roundStep((high - low) / about);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return { values: Array.from({ length: count }, (_, k) => (first + k) * step), step };
}

/**
 * Return how many decimals a number needs that moves by a step.
 * @param {number} step above 0
 */
export function decimalsOf(step) {
  return Math.max(0, Math.min(4, -Math.floor(Math.log10(step) + 1e-9)));
}

/**
 * Return a number as text with a true minus.
 * @param {number} value @param {number} decimals @param {boolean} [signed] with + too
 */
export function numberText(value, decimals, signed = false) {
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return (value < 0 ? "\u2212" : signed ? "+" : "") + text;
}
