/** Where picture pixels are on the canvas. All picture coordinates count from the display window's top left corner. */

/** @import {Viewport, Window, FrameHeader} from "./types.js" */
/** @typedef {{zoom: number, center: [number, number]}} View */

export const CLOSEST = 256; // canvas pixels a picture pixel
export const LINES_FROM = 16; // CSS pixels a picture pixel, from which lines are drawn between them
export const VALUES_FROM = 48;
export const FARTHEST = 1 / 1024;

/** Width and height of an inclusive window. @param {Window} window @returns {[number, number]} */
export const sizeOf = ([x0, y0, x1, y1]) => [x1 - x0 + 1, y1 - y0 + 1];

/**
 * The canvas position of a picture position.
 * @param {View} view @param {Viewport} port @param {number} aspect @param {number} x @param {number} y
 * @returns {[number, number]}
 */
export function toCanvas(view, port, aspect, x, y) {
  return [(x - view.center[0]) * view.zoom * aspect + port.width / 2, (y - view.center[1]) * view.zoom + port.height / 2];
}

/**
 * The picture position of a canvas position.
 * @param {View} view @param {Viewport} port @param {number} aspect @param {number} i @param {number} j
 * @returns {[number, number]}
 */
export function toPicture(view, port, aspect, i, j) {
  return [view.center[0] + (i - port.width / 2) / (view.zoom * aspect), view.center[1] + (j - port.height / 2) / view.zoom];
}

/** The view that shows the whole display window. @param {FrameHeader} header @param {Viewport} port @returns {View} */
export function fitted(header, port) {
  const [width, height] = sizeOf(header.display);
  const zoom = Math.min(port.width / (width * header.aspect), port.height / height);
  return { zoom: held(zoom), center: [width / 2, height / 2] };
}

/** @param {number} zoom */
export const held = (zoom) => Math.min(Math.max(zoom, FARTHEST), CLOSEST);

/**
 * The view after a zoom that leaves the picture position under a canvas position where it is.
 * @param {View} view @param {Viewport} port @param {number} aspect @param {number} zoom
 * @param {number} i @param {number} j @returns {View}
 */
export function zoomedAbout(view, port, aspect, zoom, i, j) {
  const [x, y] = toPicture(view, port, aspect, i, j);
  const next = held(zoom);
  return {
    zoom: next,
    center: [x - (i - port.width / 2) / (next * aspect), y - (j - port.height / 2) / next],
  };
}

/** The largest power of 2 that is at most 1 / zoom, 1 at least. @param {number} zoom */
export const scaleFor = (zoom) => (zoom >= 1 ? 1 : 2 ** Math.floor(Math.log2(1 / zoom)));

/**
 * The smallest power of 2 that brings a picture to `most` samples a side or fewer.
 * @param {FrameHeader | null} header @param {number} most
 */
export function scaleWithin(header, most) {
  if (!header) return 1;
  const side = Math.max(...sizeOf(header.data));
  return 2 ** Math.max(0, Math.ceil(Math.log2(side / most)));
}

/**
 * The piece of a line inside a rectangle, or null: the line runs through (x, y) along (dx, dy).
 * @param {number} x @param {number} y @param {number} dx @param {number} dy
 * @param {[number, number, number, number]} box left, top, right, bottom
 * @returns {[number, number] | null} distances along the line, the smaller one first
 */
export function clipped(x, y, dx, dy, [left, top, right, bottom]) {
  let first = -Infinity;
  let last = Infinity;
  for (const [at, step, low, high] of [[x, dx, left, right], [y, dy, top, bottom]]) {
    if (Math.abs(step) < 1e-9) {
      if (at < low || at > high) return null;
      continue;
    }
    const ends = [(low - at) / step, (high - at) / step].sort((a, b) => a - b);
    first = Math.max(first, ends[0]);
    last = Math.min(last, ends[1]);
  }
  return first < last ? [first, last] : null;
}
