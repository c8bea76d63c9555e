/** The row under the curves: the active point in numbers, and resets. */

/** @import { Layer, StockKind } from "./types.js" */
/** @import { Editing } from "./editing.js" */

import { html } from "../vendor/ui.js";
import { LAYERS } from "./editing.js";
import { NumberEntry } from "./entry.js";
import { allowed, moved, restored } from "./rules.js";

const STEP = 0.001; // of a typed field's arrows

/** @param {number[]} range */
const between = ([low, high]) => `${low.toFixed(3)} to ${high.toFixed(3)}, held by its neighbors and the rules`;

/** @param {{editing: Editing, stock: StockKind, layer: Layer, index: number}} props */
export function PointRow({ editing, stock, layer, index }) {
  const { rules, curves } = editing.description;
  const curve = editing.curve(stock, layer);
  const parent = curves[stock].parent[layer];
  const [x, d] = [curve.log_exposure[index], curve.density[index]];
  const [parentX, parentD] = [parent.log_exposure[index], parent.density[index]];
  const room = allowed(curve, index, rules);
  /** @param {number | null} toX @param {number | null} toD */
  const move = (toX, toD) => editing.editCurve(stock, layer, moved(curve, index, toX ?? x, toD ?? d, rules));
  return html`<div class="author-row author-point-row">
    <span class=${`author-name author-${layer}`}>${layer} ${index + 1} of ${curve.density.length}</span>
    <label title=${between(room.log_exposure)}>log H <${NumberEntry} value=${x} text=${x.toFixed(3)} label="log H of the point" step=${STEP} amber=${x !== parentX}
      onValue=${(/** @type {number} */ to) => move(to, null)} /></label>
    <label title=${between(room.density)}>D <${NumberEntry} value=${d} text=${d.toFixed(3)} label="density of the point" step=${STEP} amber=${d !== parentD}
      onValue=${(/** @type {number} */ to) => move(null, to)} /></label>
    <span class="author-resets" role="group" aria-label="Reset to ${editing.parent}">
      <span aria-hidden="true">Reset</span>
      <button type="button" aria-label="Reset point" disabled=${x === parentX && d === parentD} onClick=${() => editing.editCurve(stock, layer, restored(curve, index, parent, rules))}>point</button>
      <button type="button" aria-label="Reset layer" disabled=${!editing.curveDiffers(stock, layer)}
        onClick=${() => editing.editCurve(stock, layer, parent)}>layer</button>
      <button type="button" aria-label="Reset all layers" disabled=${!LAYERS.some((each) => editing.curveDiffers(stock, each))}
        onClick=${() => resetAll(editing, stock)}>all</button>
    </span>
  </div>`;
}

/**
 * Put the three curves back; it is one entry of undo, as one hand's move.
 * @param {Editing} editing @param {StockKind} stock
 */
function resetAll(editing, stock) {
  const { parent } = editing.description.curves[stock];
  const changed = LAYERS.filter((layer) => editing.curveDiffers(stock, layer));
  changed.forEach((layer, k) => editing.editCurve(stock, layer, parent[layer], k < changed.length - 1));
}
