/** A film curve between its 12 points: the monotone cubic that `lattice.build.film.density` draws. */

/** @import { Curve } from "./types.js" */

/**
 * Return the slope of the outermost point, by three points, kept in the shape of the data.
 * @param {number} near width of the outer interval @param {number} far width of the next one
 * @param {number} rise slope over the outer interval @param {number} next slope over the next one
 */
function endSlope(near, far, rise, next) {
  const slope = ((2 * near + far) * rise - near * next) / (near + far);
  if (Math.sign(slope) !== Math.sign(rise)) return 0;
  return Math.sign(rise) !== Math.sign(next) && Math.abs(slope) > 3 * Math.abs(rise) ? 3 * rise : slope;
}

/**
 * Return the slope at each point. Source: Fritsch and Butland 1984, as SciPy's PchipInterpolator has it.
 * @param {number[]} x strictly rising, at least 3 @param {number[]} y
 * @returns {number[]}
 */
function slopes(x, y) {
  const width = x.slice(1).map((each, k) => each - x[k]);
  const rise = width.map((each, k) => (y[k + 1] - y[k]) / each);
  const last = width.length - 1;
  return x.map((_, k) => {
    if (k === 0) return endSlope(width[0], width[1], rise[0], rise[1]);
    if (k > last) return endSlope(width[last], width[last - 1], rise[last], rise[last - 1]);
    if (rise[k - 1] * rise[k] <= 0) return 0;
    const [before, after] = [2 * width[k] + width[k - 1], width[k] + 2 * width[k - 1]];
    return (before + after) / (before / rise[k - 1] + after / rise[k]);
  });
}

/**
 * Return the curve as functions of log exposure: its density, flat beyond both ends, and its slope (gamma), 0 there.
 * @param {Curve} curve
 * @returns {{density: (logExposure: number) => number, gamma: (logExposure: number) => number}}
 */
export function characteristic({ log_exposure: x, density: y }) {
  const slope = slopes(x, y);
  const last = x.length - 1;
  /** @param {number} at */
  const piece = (at) => {
    let k = 0;
    while (k < last - 1 && at >= x[k + 1]) k++;
    const width = x[k + 1] - x[k];
    const rise = (y[k + 1] - y[k]) / width;
    const cubic = (slope[k] + slope[k + 1] - 2 * rise) / width ** 2;
    const square = (rise - slope[k]) / width - cubic * width;
    return { t: at - x[k], start: y[k], first: slope[k], square, cubic };
  };
  return {
    density: (logExposure) => {
      const { t, start, first, square, cubic } = piece(Math.min(Math.max(logExposure, x[0]), x[last]));
      return start + t * (first + t * (square + t * cubic));
    },
    gamma: (logExposure) => {
      if (logExposure < x[0] || logExposure > x[last]) return 0;
      const { t, first, square, cubic } = piece(logExposure);
      return first + t * (2 * square + t * 3 * cubic);
    },
  };
}

/**
 * Return the log exposure at which a rising curve has a density, or null where it never has.
 * @param {Curve} curve @param {number} density
 */
export function exposureFor(curve, density) {
  const x = curve.log_exposure;
  let [low, high] = [x[0], x[x.length - 1]];
  if (density < curve.density[0] || density > curve.density[x.length - 1]) return null;
  const { density: at } = characteristic(curve);
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (at(middle) < density) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
