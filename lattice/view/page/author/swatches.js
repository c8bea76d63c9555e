/** Always in sight while a hand moves: what the look makes of a gray ramp and a ColorChecker, before and now. */

/** @import { SDevInfo } from "./types.js" */

import { html } from "../vendor/ui.js";

const ROWS = { ramp: 9, checker: 12 }; // pixels of each of the two rows
const CAPTION = "Gray ramp and ColorChecker: before above, now below";

/** @param {number[]} code 0 to 255 */
const fill = (code) => `rgb(${code.map((each) => Math.round(each)).join(" ")})`;

/**
 * Two rows of colors, each as wide as the panel, on one another, so that a difference shows.
 * @param {{label: string, before: number[][], now: number[][], height: number, gap: number}} props
 *   gap: between the colors, as a share of their width
 */
function Rows({ label, before, now, height, gap }) {
  return html`<svg class="author-rows" height=${2 * height} viewBox=${`0 0 ${now.length} 2`} role="img"
    aria-label=${label} preserveAspectRatio="none" shape-rendering="crispEdges">
    ${[before, now].map((codes, row) =>
      codes.map((code, k) => html`<rect x=${k} y=${row} width=${1 - gap} height="1" fill=${fill(code)} />`),
    )}
  </svg>`;
}

/** @param {{info: SDevInfo | null}} props */
export function Swatches({ info }) {
  const now = info?.charts;
  if (!now) return null;
  const before = info.before ?? now;
  return html`<div class="author-swatches">
    <p class="author-note">${CAPTION}</p>
    <${Rows} label="Gray ramp, before above, now below" height=${ROWS.ramp} gap=${0}
      before=${before.ramp} now=${now.ramp} />
    <${Rows} label="ColorChecker, before above, now below" height=${ROWS.checker} gap=${0.05}
      before=${before.checker} now=${now.checker} />
  </div>`;
}
