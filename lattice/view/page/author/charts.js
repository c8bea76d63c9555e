/** Beside the curves: gray ramp and ColorChecker of the parent and of now, their chromaticities, the lattice's error. */

/** @import { Charts, Quality, SDevInfo } from "./types.js" */

import { html } from "../vendor/ui.js";
import { DISPLAY, LOCUS, uv } from "./chromaticity.js";
import { numberText, scale } from "./scale.js";

const RAMP = { width: 440, height: 24 };
const CHECKER = { across: 12, width: 36, height: 18, gap: 0.5 };
const DIAGRAM = { width: 210, height: 210, margin: 22, u: [0, 0.65], v: [0, 0.62] };
const ERRORS = { width: 170, most: 3, seen: 1 }; // CIEDE2000: end of the bars; a difference that is just seen

/** @param {number[]} code 0 to 255 */
const fill = (code) => `rgb(${code.map((each) => Math.round(each)).join(" ")})`;

/** @param {{before: number[][], now: number[][]}} props */
function Ramp({ before, now }) {
  const { width, height } = RAMP;
  const step = width / now.length;
  return html`<svg class="author-chart" viewBox=${`0 0 ${width} ${2 * height}`} role="img"
    aria-label="Gray ramp, parent above, now below" shape-rendering="crispEdges">
    ${[before, now].map((codes, row) =>
      codes.map((code, k) => html`<rect x=${k * step} y=${row * height} width=${step + 0.5} height=${height} fill=${fill(code)} />`),
    )}
  </svg>`;
}

/** @param {{before: number[][], now: number[][]}} props */
function Checker({ before, now }) {
  const { across, width, height, gap } = CHECKER;
  const rows = Math.ceil(now.length / across);
  return html`<svg class="author-chart" viewBox=${`0 0 ${across * width} ${rows * (2 * height + 4) - 4}`} role="img"
    aria-label="ColorChecker, parent above, now below in each patch" shape-rendering="crispEdges">
    ${now.map((code, k) => {
      const [x, y] = [(k % across) * width, Math.floor(k / across) * (2 * height + 4)];
      return html`<rect x=${x} y=${y} width=${width - gap} height=${height} fill=${fill(before[k])} />
        <rect x=${x} y=${y + height} width=${width - gap} height=${height} fill=${fill(code)} />`;
    })}
  </svg>`;
}

/** @param {{before: number[][], now: number[][]}} props */
function Diagram({ before, now }) {
  const { width, height, margin } = DIAGRAM;
  const u = scale(DIAGRAM.u[0], DIAGRAM.u[1], margin, width - 4);
  const v = scale(DIAGRAM.v[0], DIAGRAM.v[1], height - margin, 4);
  /** @param {number[]} xy */
  const at = (xy) => uv(xy).map((each, k) => (k === 0 ? u.at(each) : v.at(each)));
  /** @param {number[][]} points */
  const outline = (points) => `M${points.map((each) => at(each).map((value) => value.toFixed(1)).join(" ")).join("L")}Z`;
  return html`<svg class="author-diagram" width=${width} height=${height} role="img"
    aria-label="Chromaticities of the ColorChecker, u' over v': from the parent to now">
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

/** @param {{quality: Quality}} props */
function LatticeError({ quality }) {
  const { width, most, seen } = ERRORS;
  const rows = /** @type {[string, number | null | undefined][]} */ ([["mean", quality.mean], ["p99", quality.p99], ["max", quality.max]]);
  const length = scale(0, most, 0, width);
  return html`<div class="author-errors"><h3>Lattice error, \u0394E00</h3>
    <dl>${rows.map(
      ([name, value]) => html`<dt>${name}</dt><dd>${value == null ? "\u2013" : numberText(value, 2)}
        <svg width=${width} height="8" aria-hidden="true"><rect class="author-well" width=${width} height="8" />
          ${value == null ? null : html`<rect class=${value > seen ? "author-bar author-over" : "author-bar"} width=${length.at(Math.min(value, most))} height="8" />`}
          <line x1=${length.at(seen)} x2=${length.at(seen)} y1="0" y2="8" /></svg></dd>`,
    )}</dl>
    <p class="author-note">${
      quality.mean == null ? "Measured when the fit is done." : "Against the exact chain. The line is 1, a difference that is just seen."
    }</p>
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

/** @param {{info: SDevInfo | null, parent: string}} props */
export function ChartPanel({ info, parent }) {
  const now = info?.charts;
  const before = info?.before ?? now;
  return html`<section class="author-charts" aria-label="Charts">
    ${
      now && before
        ? html`<h3>Gray ramp and ColorChecker, ${parent} above, now below</h3>
          <${Ramp} before=${before.ramp} now=${now.ramp} /><${Checker} before=${before.checker} now=${now.checker} />`
        : null
    }
    <div class="author-pair">
      ${
        now && before
          ? html`<div><h3>Chromaticity, u\u2032 v\u2032</h3>
        <${Diagram} before=${before.chromaticity} now=${now.chromaticity} /></div>`
          : null
      }
      ${info?.quality ? html`<${LatticeError} quality=${info.quality} />` : null}
    </div>
  </section>`;
}
