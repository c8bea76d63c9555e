/** What the colors over the picture mean. */

import { html } from "../vendor/ui.js";

/** @import {App} from "../types.js" */

/** @param {number[]} color 0 to 255 */
const css = (color) => `rgb(${color.join(" ")})`;

/** @param {{app: App}} facts */
export function Legend({ app: { state } }) {
  const { bands, labels, colors } = state.session.value.constants;
  const marks = [
    ...(state.clipping.value ? [["at 255", colors.high], ["at 0", colors.low]] : []),
    ...(state.markers.value ? [["NaN", colors.nan], ["infinite", colors.inf], ["negative", colors.negative]] : []),
  ];
  if (!state.falseColor.value && marks.length === 0) return null;
  return html`<div class="legend" role="group" aria-label="Colors over the picture">
    ${state.falseColor.value && html`<span class="bands">${bands.map((/** @type {[number, number[]]} */ [, color], /** @type {number} */ i) =>
      html`<span class="band"><i style=${{ background: css(color) }}></i>${labels?.[i] ?? ""}</span>`)}
      <span class="unit">stops</span></span>`}
    ${marks.map(([name, color]) => html`<span class="mark"><i style=${{ background: css(/** @type {number[]} */ (color)) }}></i>${name}</span>`)}
  </div>`;
}
