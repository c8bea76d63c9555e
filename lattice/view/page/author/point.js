/** The row under the curves: the active point in numbers, and resets. */

/** @import { Layer, StockKind } from "./types.js" */
/** @import { Editing } from "./editing.js" */

import { html } from "../vendor/ui.js";
import { LAYERS } from "./editing.js";
import { NumberEntry } from "./entry.js";
import { allowed, moved, restored } from "./rules.js";

const STEP = 0.001; // of a typed field's arrows
const DECIMALS = 3;

/**
 * Put the three curves back; it is one entry of undo, as one hand's move.
 * @param {Editing} editing @param {StockKind} stock
 */
function resetAll(editing, stock) {
  const { parent } = editing.description.curves[stock];
  const changed = LAYERS.filter((layer) => editing.curveDiffers(stock, layer));
  changed.forEach((layer, k) => editing.editCurve(stock, layer, parent[layer], k < changed.length - 1));
}

/**
 * @param {{name: string, short: string, value: number, range: number[], amber: boolean,
 *   onValue: (value: number, dragging: boolean) => void}} props
 */
function Coordinate({ name, short, value, range, amber, onValue }) {
  const title = `${range.map((each) => each.toFixed(DECIMALS)).join(" to ")}, by its neighbors and the rules`;
  return html`<label title=${title}>${short} <${NumberEntry} value=${value} text=${value.toFixed(DECIMALS)}
    label=${`${name} of the point`} step=${STEP} amber=${amber} onValue=${onValue} /></label>`;
}

/** @param {{name: string, label: string, isReset: boolean, onReset: () => void}} props */
function Reset({ name, label, isReset, onReset }) {
  return html`<button type="button" aria-label=${label} disabled=${isReset} onClick=${onReset}>${name}</button>`;
}

/** @param {{editing: Editing, stock: StockKind, layer: Layer, index: number}} props */
export function PointRow({ editing, stock, layer, index }) {
  const { rules, curves } = editing.description;
  const curve = editing.curve(stock, layer);
  const parent = curves[stock].parent[layer];
  const [x, d] = [curve.log_exposure[index], curve.density[index]];
  const differs = [x !== parent.log_exposure[index], d !== parent.density[index]];
  const room = allowed(curve, index, rules);
  /** @param {number} toX @param {number} toD @param {boolean} dragging */
  const move = (toX, toD, dragging) => editing.editCurve(stock, layer, moved(curve, index, toX, toD, rules), dragging);
  const back = () => editing.editCurve(stock, layer, restored(curve, index, parent, rules));
  return html`<div class="author-row author-point-row">
    <span class=${`author-name author-${layer}`}>${layer} ${index + 1} of ${curve.density.length}</span>
    <${Coordinate} name="log H" short="log H" value=${x} range=${room.log_exposure} amber=${differs[0]}
      onValue=${(/** @type {number} */ to, /** @type {boolean} */ dragging) => move(to, d, dragging)} />
    <${Coordinate} name="density" short="D" value=${d} range=${room.density} amber=${differs[1]}
      onValue=${(/** @type {number} */ to, /** @type {boolean} */ dragging) => move(x, to, dragging)} />
    <span class="author-resets" role="group" aria-label=${`Reset to ${editing.parent}`}>
      <span aria-hidden="true">Reset</span>
      <${Reset} name="point" label="Reset point" isReset=${!differs.includes(true)} onReset=${back} />
      <${Reset} name="layer" label="Reset layer" isReset=${!editing.curveDiffers(stock, layer)}
        onReset=${() => editing.editCurve(stock, layer, parent)} />
      <${Reset} name="all" label="Reset all layers" isReset=${!LAYERS.some((each) => editing.curveDiffers(stock, each))}
        onReset=${() => resetAll(editing, stock)} />
    </span>
  </div>`;
}
