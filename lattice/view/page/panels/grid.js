/** Lines between picture pixels from 16x on, and the file's values in them from 48x on. */

import { html } from "../vendor/ui.js";
import { LINES_FROM, VALUES_FROM, sizeOf, toPicture } from "../geometry.js";
import { half, light } from "../words.js";

/** @import {App, FrameData, State} from "../types.js" */

const MOST_VALUES = 900; // pixels

/** First and last picture pixel in view, inside the data window. @param {State} state @returns {[number, number, number, number] | null} */
function seen(state) {
  const header = state.picture.value;
  const port = state.viewport.value;
  if (!header || port.width === 0) return null;
  const view = { zoom: state.zoom.value, center: state.center.value };
  const [left, top] = toPicture(view, port, header.aspect, 0, 0);
  const [right, bottom] = toPicture(view, port, header.aspect, port.width, port.height);
  const [x0, y0] = [header.data[0] - header.display[0], header.data[1] - header.display[1]];
  const [width, height] = sizeOf(header.data);
  const box = /** @type {[number, number, number, number]} */ ([Math.max(x0, Math.floor(left)), Math.max(y0, Math.floor(top)),
    Math.min(x0 + width - 1, Math.floor(right)), Math.min(y0 + height - 1, Math.floor(bottom))]);
  return box[0] > box[2] || box[1] > box[3] ? null : box;
}

/**
 * The halves of a pixel, as its file has them.
 * @param {FrameData} samples @param {number} x from the display window's corner @param {number} y
 * @returns {number[]} R, G, B and perhaps A
 */
export function valuesAt({ header, buffer, offset }, x, y) {
  const { width, height, planes, data, display } = header;
  const [i, j] = [x - (data[0] - display[0]), y - (data[1] - display[1])];
  const halves = new Uint16Array(buffer, offset, width * height * planes);
  return Array.from({ length: planes }, (_, plane) => half(halves[(plane * height + j) * width + i]));
}

/** @param {{app: App, place: (x: number, y: number) => [number, number]}} facts */
export function Grid({ app: { state }, place }) {
  const size = state.zoom.value / state.viewport.value.ratio;
  const box = size >= LINES_FROM ? seen(state) : null;
  if (!box) return null;
  const [x0, y0, x1, y1] = box;
  const [left, top] = place(x0, y0);
  const [right, bottom] = place(x1 + 1, y1 + 1);
  let lines = "";
  for (let x = x0; x <= x1 + 1; ++x) lines += `M${Math.round(place(x, 0)[0]) + 0.5} ${top}V${bottom}`;
  for (let y = y0; y <= y1 + 1; ++y) lines += `M${left} ${Math.round(place(0, y)[1]) + 0.5}H${right}`;
  const count = (x1 - x0 + 1) * (y1 - y0 + 1);
  const samples = state.samples.value;
  const hasValues = size >= VALUES_FROM && samples?.header.scale === 1 && samples.buffer.byteLength > 0 && count <= MOST_VALUES;
  return html`<path class="grid" d=${lines} />${hasValues && samples && html`<${Values} box=${box} place=${place} samples=${samples} size=${size} />`}`;
}

/** @param {{box: [number, number, number, number], place: (x: number, y: number) => [number, number], samples: FrameData, size: number}} facts */
function Values({ box: [x0, y0, x1, y1], place, samples, size }) {
  const line = Math.min(14, size / 4.5);
  /** @type {any[]} */
  const texts = [];
  for (let y = y0; y <= y1; ++y) {
    for (let x = x0; x <= x1; ++x) {
      const [i, j] = place(x + 0.5, y + 0.5);
      valuesAt(samples, x, y).slice(0, 3).forEach((value, k) => {
        texts.push(html`<text x=${i} y=${j + (k - 0.65) * line}>${short(value)}</text>`);
      });
    }
  }
  return html`<g class="values" style=${{ fontSize: `${Math.min(11, line - 1)}px` }}>${texts}</g>`;
}

/** @param {number} value */
function short(value) {
  const text = light(value);
  return text.length > 6 ? Number.isFinite(value) ? value.toPrecision(3) : text : text;
}
