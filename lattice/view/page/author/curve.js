/** The editor of a stock's three curves: one layer is active, its 12 points are dragged, moved by keys, or typed. */

/** @import { Curve, Gray, Layer, StockKind } from "./types.js" */
/** @import { Editing } from "./editing.js" */
/** @import { Frame, Span } from "./frame.js" */
/** @import { Mark } from "./graph.js" */
/** @import { Size } from "./size.js" */

import { html, useEffect, useRef, useState } from "../vendor/ui.js";
import { LAYERS } from "./editing.js";
import { frameOf, heldSpan, spanOf } from "./frame.js";
import { Graph } from "./graph.js";
import { useDrag, useKeys } from "./hand.js";
import { exposureFor } from "./pchip.js";
import { PointRow } from "./point.js";
import { Points } from "./points.js";
import { numberText } from "./scale.js";
import { useSizes } from "./size.js";

const STATUS = { negative: "M", print: "A" };
const SHAPE = 0.98; // most height over width of the drawing in the panel
const LEAST_HEIGHT = 360; // pixels; the panel scrolls where it has less
const BESIDE = 116; // pixels of the panel for the rows over and under the drawing
const START = { layer: /** @type {Layer} */ ("green"), index: 5 };
const HELP =
  "Arrows move the point, Shift makes every move finer. Page Up and Page Down: other points. Tab: next layer. " +
  "Enter: whole window.";

/**
 * Return the height of the drawing in the panel.
 * @param {Size} own @param {Size} room of the panel's body
 */
const panelHeight = (own, room) =>
  Math.max(LEAST_HEIGHT, Math.min(Math.round(own.width * SHAPE), room.height - BESIDE));

/**
 * Return where mid gray is on the active layer.
 * @param {Gray | null | undefined} gray @param {Layer} layer @param {Curve} curve
 * @returns {Mark}
 */
function markOf(gray, layer, curve) {
  const density = gray?.density?.[LAYERS.indexOf(layer)] ?? null;
  const along = density === null ? (gray?.log_exposure ?? null) : exposureFor(curve, density);
  return { log_exposure: along, density, label: density === null ? "mid gray" : `aim ${numberText(density, 2)}` };
}

/**
 * Return the scales of the drawing; while a hand moves, its axes stay.
 * @param {Editing} editing @param {StockKind} stock @param {Size} size @param {boolean} moving
 * @returns {Frame}
 */
function useFrame(editing, stock, size, moving) {
  const held = useRef(/** @type {Span | null} */ (null));
  const now = spanOf(editing.curves(stock), editing.description.curves[stock].parent);
  held.current = moving && held.current ? heldSpan(held.current, now) : now;
  return frameOf(size.width, size.height, held.current);
}

/**
 * @param {{editing: Editing, stock: StockKind, active: Layer, large: boolean, onLayer: (layer: Layer) => void,
 *   onLarge: () => void}} props
 */
function Head({ editing, stock, active, large, onLayer, onLarge }) {
  return html`<div class="author-head">
    <div class="author-layers" role="group" aria-label="Layer">
      ${LAYERS.map(
        (layer) => html`<button key=${layer} type="button" class=${`author-${layer}`} aria-pressed=${layer === active}
          onClick=${() => onLayer(layer)}>
          <span class="author-swatch" aria-hidden="true"></span><span class="author-layer-name">${layer}</span>
          ${editing.curveDiffers(stock, layer) ? html`<span class="author-changed">changed</span>` : null}
        </button>`,
      )}
    </div>
    <button type="button" aria-pressed=${large} title="Enter, on a point" onClick=${onLarge}>
      ${large ? "Back to the panel" : "Whole window"}
    </button>
  </div>`;
}

/**
 * Return the handler of the keys that are the whole editor's: Enter and Escape for the window; Tab stays in the page.
 * @param {boolean} large @param {(large: boolean) => void} setLarge
 */
function windowKeys(large, setLarge) {
  return (/** @type {KeyboardEvent} */ event) => {
    const isPoint = /** @type {Element} */ (event.target).getAttribute("role") === "slider";
    if ((event.key === "Enter" && isPoint) || (event.key === "Escape" && large)) {
      setLarge(!large);
      event.preventDefault();
    } else if (event.key !== "Tab") return;
    event.stopPropagation();
  };
}

/**
 * The editor; its children are shown with it in the whole window alone.
 * @param {{editing: Editing, stock: StockKind, children: unknown}} props
 */
export function CurveEditor({ editing, stock, children }) {
  const [{ layer, index }, setTaken] = useState(START);
  const [large, setLarge] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const moving = useRef(false);
  const { own, room } = useSizes(box, ".author-body");
  const { parent, gray } = editing.description.curves[stock];
  const { rules } = editing.description;
  const curves = editing.curves(stock);
  const size = large ? own : { width: own.width, height: panelHeight(own, room) };
  const frame = useFrame(editing, stock, size, moving.current);
  const take = (/** @type {Layer} */ to, /** @type {number} */ point) => setTaken({ layer: to, index: point });
  const focus = (/** @type {number} */ point) => {
    take(layer, point);
    const found = box.current?.querySelector(`[data-layer="${layer}"][data-point="${point}"]`);
    /** @type {SVGElement | null | undefined} */ (found)?.focus({ preventScroll: true });
  };
  const change = (/** @type {Curve} */ curve, /** @type {boolean} */ dragging) => {
    moving.current = dragging;
    editing.editCurve(stock, layer, curve, dragging);
  };
  const held = { frame, curve: curves[layer], rules, index, change, take: focus };
  const drag = useDrag(held);
  const keys = useKeys(held);
  useEffect(() => {
    if (large) focus(index);
  }, [large]);
  return html`<section class=${`author-editor ${large ? "author-large" : ""}`} aria-label=${`${stock} curves`}
    tabindex=${large ? -1 : undefined} onKeyDown=${windowKeys(large, setLarge)}>
    <${Head} editing=${editing} stock=${stock} active=${layer} large=${large}
      onLayer=${(/** @type {Layer} */ to) => take(to, index)} onLarge=${() => setLarge(!large)} />
    <div class="author-graph" ref=${box}>
      ${
        own.width > 0 &&
        html`<svg width=${frame.width} height=${frame.height} role="group"
        aria-label=${`${stock} curves, ${layer} layer active`} ...${drag}>
        <${Graph} frame=${frame} curves=${curves} parents=${parent} active=${layer} parent=${editing.parent}
          mark=${markOf(gray, layer, curves[layer])} status=${STATUS[stock]} />
        ${LAYERS.map(
          (each) => html`<${Points} key=${each} layer=${each} active=${layer} index=${index} keys=${keys}
          curve=${curves[each]} range=${rules.density} frame=${frame} onTake=${take} />`,
        )}
      </svg>`
      }
    </div>
    <${PointRow} editing=${editing} stock=${stock} layer=${layer} index=${index} />
    ${editing
      .faultsOf(`${stock}.curves`)
      .map((message) => html`<p key=${message} class="author-fault" role="alert">${message}</p>`)}
    ${large && children}
    <p class="author-keys">${HELP}</p>
  </section>`;
}
