/** The rules of a film curve while a hand moves its points: log exposure rises, density never falls, both in range. */

/** @import { Curve, Rules } from "./types.js" */

const DECIMALS = 4; // as the shipped curves are written

/** @param {number} value */
const rounded = (value) => Number(value.toFixed(DECIMALS));
/** @param {number} value @param {number} old kept to the bit where nothing moves */
const written = (value, old) => (value === old ? old : rounded(value));
/** @param {number} value @param {number[]} range low, high */
const clamped = (value, [low, high]) => Math.min(Math.max(value, low), high);

/**
 * Return where a point may be: low and high of its log exposure and of its density, held by its neighbors.
 * @param {Curve} curve @param {number} index of the point, from 0 @param {Rules} rules
 * @returns {{log_exposure: number[], density: number[]}}
 */
export function allowed({ log_exposure: x, density: d }, index, rules) {
  const last = x.length - 1;
  return {
    log_exposure: [
      index > 0 ? x[index - 1] + rules.step : rules.log_exposure[0],
      index < last ? x[index + 1] - rules.step : rules.log_exposure[1],
    ],
    density: [index > 0 ? d[index - 1] : rules.density[0], index < last ? d[index + 1] : rules.density[1]],
  };
}

/**
 * Return the curve with one point moved, as near to the wanted place as the rules let it.
 * @param {Curve} curve @param {number} index @param {number} logExposure @param {number} density @param {Rules} rules
 * @returns {Curve}
 */
export function moved(curve, index, logExposure, density, rules) {
  const room = allowed(curve, index, rules);
  return {
    log_exposure: curve.log_exposure.with(
      index,
      clamped(written(logExposure, curve.log_exposure[index]), room.log_exposure),
    ),
    density: curve.density.with(index, clamped(written(density, curve.density[index]), room.density)),
  };
}

/**
 * Return the curve with one point put back to where another curve has it, as near as its neighbors let it.
 * @param {Curve} curve @param {number} index @param {Curve} parent @param {Rules} rules
 * @returns {Curve}
 */
export function restored(curve, index, parent, rules) {
  const room = allowed(curve, index, rules);
  return {
    log_exposure: curve.log_exposure.with(index, clamped(parent.log_exposure[index], room.log_exposure)),
    density: curve.density.with(index, clamped(parent.density[index], room.density)),
  };
}

/**
 * Return true if two curves have the same points.
 * @param {Curve} one @param {Curve} other
 */
export function sameCurve(one, other) {
  return (
    one.log_exposure.every((each, k) => each === other.log_exposure[k]) &&
    one.density.every((each, k) => each === other.density[k])
  );
}
