/** The curve's drawing: axes, the parents thin behind, three layers of which one is active, two strips below. */

/** @import { Curve, Curves, Layer } from "./types.js" */
/** @import { Frame } from "./frame.js" */
/** @import { Scale } from "./scale.js" */

import { html } from "../vendor/ui.js";
import { LAYERS } from "./editing.js";
import { drawnAt } from "./frame.js";
import { characteristic } from "./pchip.js";
import { decimalsOf, numberText, ticks } from "./scale.js";

const PIXELS_A_TICK = { x: 52, y: 40 };
const MOST_TICKS = 20; // along log exposure

/** @typedef {{log_exposure: number | null, density: number | null, label: string}} Mark where mid gray is */

/** @param {number} pixel */
const sharp = (pixel) => Math.round(pixel) + 0.5;

/** @param {Scale} x */
const exposureTicks = (x) => ticks(x.low, x.high, Math.min((x.at(x.high) - x.at(x.low)) / PIXELS_A_TICK.x, MOST_TICKS));

/**
 * Return the active layer last, so that it is drawn over the others.
 * @param {Layer} active
 */
const activeLast = (active) => [...LAYERS.filter((each) => each !== active), active];

/**
 * Return the path of a function over log exposure.
 * @param {Frame} frame @param {Scale} y @param {(logExposure: number) => number} value
 */
function path(frame, y, value) {
  const points = drawnAt(frame.x, frame.width).map(
    (each) => `${frame.x.at(each).toFixed(1)} ${y.at(value(each)).toFixed(2)}`,
  );
  return `M${points.join("L")}`;
}

/** @param {{frame: Frame, y: Scale, title: string, about: number, signed?: boolean}} props */
function Room({ frame, y, title, about, signed = false }) {
  const [left, right] = [frame.x.at(frame.x.low), frame.x.at(frame.x.high)];
  const [bottom, top] = [y.at(y.low), y.at(y.high)];
  const rows = ticks(y.low, y.high, about);
  const columns = exposureTicks(frame.x).values;
  return html`<g class="author-room">
    <rect x=${left} y=${top} width=${right - left} height=${bottom - top} />
    ${columns.map((each) => {
      const x = sharp(frame.x.at(each));
      return html`<line x1=${x} x2=${x} y1=${top} y2=${bottom} />`;
    })}
    ${rows.values.map((each) => {
      const at = sharp(y.at(each));
      const text = numberText(each, decimalsOf(rows.step), signed);
      const look = signed && Number(text) === 0 ? "author-zero" : "";
      return html`<line class=${look} x1=${left} x2=${right} y1=${at} y2=${at} />
        <text x=${left - 6} y=${at + 4} text-anchor="end">${text}</text>`;
    })}
    <text class="author-title" x=${left + 8} y=${top + 15}>${title}</text>
  </g>`;
}

/** @param {{frame: Frame}} props */
function ExposureAxis({ frame }) {
  const { x, density } = frame;
  const marks = exposureTicks(x);
  const decimals = decimalsOf(marks.step);
  return html`<g class="author-room">
    ${marks.values.map(
      (each) =>
        html`<text x=${x.at(each)} y=${density.at(0) + 15} text-anchor="middle">${numberText(each, decimals)}</text>`,
    )}
  </g>`;
}

/** @param {{frame: Frame, mark: Mark}} props */
function GrayMark({ frame, mark }) {
  const { x, density } = frame;
  const across = mark.density === null ? null : sharp(density.at(mark.density));
  const along = mark.log_exposure === null ? null : sharp(x.at(mark.log_exposure));
  const top = across ?? density.at(density.high);
  const right = along ?? x.at(x.high);
  return html`<g class="author-mark">
    ${along !== null && html`<line x1=${along} x2=${along} y1=${density.at(0)} y2=${top} />`}
    ${across !== null && html`<line x1=${x.at(x.low)} x2=${right} y1=${across} y2=${across} />`}
    ${
      across === null
        ? html`<text x=${right + 6} y=${density.at(0) - 8}>${mark.label}</text>`
        : html`<text x=${x.at(x.low) + 8} y=${across - 6}>${mark.label}</text>`
    }
  </g>`;
}

/** @param {{frame: Frame, curves: Curves, parents: Curves, active: Layer}} props */
function Lines({ frame, curves, parents, active }) {
  return activeLast(active).map((layer) => {
    const [now, before] = [characteristic(curves[layer]), characteristic(parents[layer])];
    const look = layer === active ? "author-active" : "author-dimmed";
    return html`<g key=${layer} class=${`author-line author-${layer} ${look}`}>
      <path class="author-parent" d=${path(frame, frame.density, before.density)} />
      <path class="author-parent" d=${path(frame, frame.gamma, before.gamma)} />
      <path d=${path(frame, frame.gamma, now.gamma)} />
      <path d=${path(frame, frame.difference, (x) => now.density(x) - before.density(x))} />
      <path class="author-curve" d=${path(frame, frame.density, now.density)} />
      ${layer !== active && html`<${Dots} frame=${frame} curve=${curves[layer]} />`}
    </g>`;
  });
}

/** @param {{frame: Frame, curve: Curve}} props */
function Dots({ frame, curve }) {
  return curve.log_exposure.map(
    (each, k) =>
      html`<circle class="author-dot" cx=${frame.x.at(each)} cy=${frame.density.at(curve.density[k])} r="2" />`,
  );
}

/**
 * The drawing without the points that a hand takes.
 * @param {{frame: Frame, curves: Curves, parents: Curves, active: Layer, mark: Mark, status: string,
 *   parent: string}} props
 */
export function Graph({ frame, curves, parents, active, mark, status, parent }) {
  const rows = (frame.density.at(0) - frame.density.at(frame.density.high)) / PIXELS_A_TICK.y;
  const title = `Status ${status} density over log\u2081\u2080 lux-seconds`;
  const difference = `Difference to ${parent}, density`;
  return html`<g aria-hidden="true">
    <${Room} frame=${frame} y=${frame.density} title=${title} about=${rows} />
    <${Room} frame=${frame} y=${frame.difference} title=${difference} about=${2} signed=${true} />
    <${Room} frame=${frame} y=${frame.gamma} title="Slope (gamma)" about=${3} />
    <${ExposureAxis} frame=${frame} />
    <${Lines} frame=${frame} curves=${curves} parents=${parents} active=${active} />
    <${GrayMark} frame=${frame} mark=${mark} />
  </g>`;
}
