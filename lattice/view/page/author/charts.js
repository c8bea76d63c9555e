/** Under the fields: chromaticities of the ColorChecker before the edits and now, and the lattice's error. */

/** @import { Quality, SDevInfo } from "./types.js" */

import { html } from "../vendor/ui.js";
import { DISPLAY, LOCUS, uv } from "./chromaticity.js";
import { numberText, scale } from "./scale.js";

const DIAGRAM = { width: 210, height: 210, margin: 22, u: [0, 0.65], v: [0, 0.62] };
const ERRORS = { width: 170, height: 8, most: 3, seen: 1 }; // CIEDE2000: end of a bar; a difference that is just seen
const UNMEASURED = "Measured when the fit is done.";
const MEASURED = "Against the exact chain. The line is 1, a difference that is just seen.";

/** @param {{before: number[][], now: number[][]}} props */
function Diagram({ before, now }) {
  const { width, height, margin } = DIAGRAM;
  const u = scale(DIAGRAM.u[0], DIAGRAM.u[1], margin, width - 4);
  const v = scale(DIAGRAM.v[0], DIAGRAM.v[1], height - margin, 4);
  /** @param {number[]} xy */
  const at = (xy) => uv(xy).map((each, k) => (k === 0 ? u.at(each) : v.at(each)));
  /** @param {number[][]} points */
  const outline = (points) =>
    `M${points
      .map((each) =>
        at(each)
          .map((value) => value.toFixed(1))
          .join(" "),
      )
      .join("L")}Z`;
  return html`<svg class="author-diagram" width=${width} height=${height} role="img"
    aria-label="Chromaticities of the ColorChecker, u' over v', from before to now">
    <rect x="0" y="0" width=${width} height=${height} class="author-well" />
    ${[0.2, 0.4, 0.6].map(
      (each) => html`<text x=${u.at(each)} y=${height - 7} text-anchor="middle">${each}</text>
        <text x=${margin - 5} y=${v.at(each) + 4} text-anchor="end">${each}</text>`,
    )}
    <path class="author-locus" d=${outline(LOCUS)} /><path class="author-gamut" d=${outline(DISPLAY)} />
    ${now.map((xy, k) => {
      const [[x1, y1], [x2, y2]] = [at(before[k]), at(xy)];
      return html`<line x1=${x1} y1=${y1} x2=${x2} y2=${y2} /><circle class="author-from" cx=${x1} cy=${y1} r="2" />
        <circle class="author-to" cx=${x2} cy=${y2} r="2.5" />`;
    })}
  </svg>`;
}

/** @param {{name: string, value: number | null | undefined}} props */
function ErrorBar({ name, value }) {
  const { width, height, most, seen } = ERRORS;
  const length = scale(0, most, 0, width);
  const look = Number(value) > seen ? "author-bar author-over" : "author-bar";
  return html`<dt>${name}</dt>
    <dd>${value == null ? "\u2013" : numberText(value, 2)}
      <svg width=${width} height=${height} aria-hidden="true">
        <rect class="author-well" width=${width} height=${height} />
        ${value != null && html`<rect class=${look} width=${length.at(Math.min(value, most))} height=${height} />`}
        <line x1=${length.at(seen)} x2=${length.at(seen)} y1="0" y2=${height} />
      </svg>
    </dd>`;
}

/** @param {{quality: Quality}} props */
function LatticeError({ quality }) {
  return html`<div class="author-errors"><h3>Lattice error, \u0394E00</h3>
    <dl>
      <${ErrorBar} name="mean" value=${quality.mean} />
      <${ErrorBar} name="p99" value=${quality.p99} />
      <${ErrorBar} name="max" value=${quality.max} />
    </dl>
    <p class="author-note">${quality.mean == null ? UNMEASURED : MEASURED}</p>
  </div>`;
}

/**
 * Return one line on the lattice that is shown: "13^3, fitted, mean 0.06 p99 0.28 max 0.59".
 * @param {Quality} quality
 */
export function qualityText({ size, nodes, mean, p99, max }) {
  const error = mean == null ? "" : `, mean ${mean.toFixed(2)} p99 ${p99?.toFixed(2)} max ${max?.toFixed(2)}`;
  return `${size}\u00b3, ${nodes}${error}`;
}

/** @param {{info: SDevInfo | null}} props */
export function ChartPanel({ info }) {
  const now = info?.charts?.chromaticity;
  const quality = info?.quality;
  return html`<section class="author-charts" aria-label="Charts">
    ${
      now &&
      html`<div>
        <h3>Chromaticity, u\u2032 v\u2032: \u25cb before, \u25cf now</h3>
        <${Diagram} before=${info.before?.chromaticity ?? now} now=${now} />
      </div>`
    }
    ${quality && html`<${LatticeError} quality=${quality} />`}
  </section>`;
}
