/** Where the parts of the curve's drawing are, and which values they span. */

/** @import { Curves } from "./types.js" */
/** @import { Scale } from "./scale.js" */

import { LAYERS } from "./editing.js";
import { characteristic } from "./pchip.js";
import { roundStep, scale } from "./scale.js";

const MARGIN = { left: 42, right: 12, top: 10, axis: 22, gap: 12 };
const STRIP_SHARE = 0.17; // of the height, for each of the two strips
const BESIDE = 0.12; // log exposure shown beyond the outer points
const ABOVE = 0.1; // density shown above the highest point
const LEAST_DIFFERENCE = 0.05; // density: the finest scale of the difference

/**
 * @typedef {object} Frame
 * @property {number} width @property {number} height pixels
 * @property {Scale} x log exposure @property {Scale} density @property {Scale} difference @property {Scale} gamma
 */

/** @typedef {{low: number, high: number, most: number, difference: number, gamma: number}} Span */

/**
 * Return the log exposures at which curves are drawn, one for every second pixel.
 * @param {Scale} x @param {number} width
 */
export function drawnAt(x, width) {
  const count = Math.max(2, Math.round((width - MARGIN.left - MARGIN.right) / 2));
  return Array.from({ length: count + 1 }, (_, k) => x.low + ((x.high - x.low) * k) / count);
}

/**
 * Return what the axes must span to show the curves and their parents.
 * @param {Curves} curves @param {Curves} parents
 * @returns {Span}
 */
export function spanOf(curves, parents) {
  const all = LAYERS.flatMap((layer) => [curves[layer], parents[layer]]);
  const low = Math.min(...all.map((each) => each.log_exposure[0])) - BESIDE;
  const high = Math.max(...all.map((each) => each.log_exposure[each.log_exposure.length - 1])) + BESIDE;
  const most = Math.max(...all.map((each) => each.density[each.density.length - 1])) + ABOVE;
  const at = Array.from({ length: 201 }, (_, k) => low + ((high - low) * k) / 200);
  let difference = LEAST_DIFFERENCE;
  let gamma = 0;
  for (const layer of LAYERS) {
    const [now, before] = [characteristic(curves[layer]), characteristic(parents[layer])];
    for (const x of at) {
      difference = Math.max(difference, Math.abs(now.density(x) - before.density(x)));
      gamma = Math.max(gamma, now.gamma(x), before.gamma(x));
    }
  }
  return { low, high, most, difference: roundStep(difference), gamma: gamma * 1.08 };
}

/**
 * Return the span while a hand drags: the axes of exposure and density stay, the strips' grow with the curve and never
 * shrink.
 * @param {Span} held @param {Span} now
 * @returns {Span}
 */
export function heldSpan(held, now) {
  return {
    ...held,
    difference: Math.max(held.difference, now.difference),
    gamma: Math.max(held.gamma, now.gamma),
  };
}

/**
 * Return the scales of a drawing: the curves, under them the difference to the parent and the slope.
 * @param {number} width @param {number} height pixels @param {Span} span
 * @returns {Frame}
 */
export function frameOf(width, height, span) {
  const strip = Math.round(height * STRIP_SHARE);
  const bottom = height - MARGIN.gap / 2;
  const slopeTop = bottom - strip + MARGIN.gap;
  const differenceTop = slopeTop - strip;
  return {
    width,
    height,
    x: scale(span.low, span.high, MARGIN.left, width - MARGIN.right),
    density: scale(0, span.most, differenceTop - MARGIN.gap - MARGIN.axis, MARGIN.top),
    difference: scale(-span.difference, span.difference, slopeTop - MARGIN.gap, differenceTop),
    gamma: scale(0, span.gamma, bottom, slopeTop),
  };
}
