/** The editor of a stock's three curves: one layer is active, its 12 points are dragged, moved by keys, or typed. */

/** @import { Curve, Gray, Layer, StockKind } from "./types.js" */
/** @import { Editing } from "./editing.js" */
/** @import { Frame, Span } from "./frame.js" */
/** @import { Held } from "./hand.js" */
/** @import { Mark } from "./graph.js" */

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/ui.js";
import { LAYERS } from "./editing.js";
import { frameOf, heldSpan, spanOf } from "./frame.js";
import { Graph } from "./graph.js";
import { useDrag, useKeys } from "./hand.js";
import { exposureFor } from "./pchip.js";
import { PointRow } from "./point.js";
import { numberText } from "./scale.js";

const STATUS = { negative: "M", print: "A" };
const SHAPE = 0.98; // height over width of the drawing in the panel
const START = { layer: /** @type {Layer} */ ("green"), index: 5 };

/**
 * Return the size of an element, followed while it changes.
 * @param {{current: Element | null}} element
 */
function useSize(element) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return size;
}

/**
 * Return where mid gray is on the active layer.
 * @param {StockKind} stock @param {Gray | null | undefined} gray @param {Layer} layer @param {Curve} curve
 * @returns {Mark}
 */
function markOf(stock, gray, layer, curve) {
  const density = gray?.density?.[LAYERS.indexOf(layer)] ?? null;
  const along = density === null ? (gray?.log_exposure ?? null) : exposureFor(curve, density);
  const label = density === null || stock === "negative" ? "mid gray" : `LAD aim ${numberText(density, 2)}`;
  return { log_exposure: along, density, label };
}

/** @param {{layer: Layer, active: Layer, index: number, curve: Curve, frame: Frame, keys: object, onTake: (layer: Layer, index: number) => void}} props */
function Points({ layer, active, index, curve, frame, keys, onTake }) {
  const is = layer === active;
  const shown = is ? curve.log_exposure.map((_, k) => k) : [index];
  return html`<g class=${`author-points author-${layer} ${is ? "author-active" : ""}`}>
    ${shown.map((k) => {
      const [x, d] = [curve.log_exposure[k], curve.density[k]];
      const text = `log H ${numberText(x, 3)}, density ${numberText(d, 3)}`;
      return html`<circle key=${k} class=${`author-point ${is && k === index ? "author-taken" : ""}`} role="slider"
        tabindex=${k === index ? 0 : -1} r=${is && k === index ? 6 : 5} cx=${frame.x.at(x)} cy=${frame.density.at(d)}
        aria-label=${`${layer} point ${k + 1} of ${curve.density.length}`} aria-valuetext=${text} aria-valuenow=${d}
        aria-valuemin=${curve.density[k - 1] ?? 0} aria-valuemax=${curve.density[k + 1] ?? 6}
        data-layer=${layer} data-point=${k} onFocus=${() => onTake(layer, k)} ...${keys} />`;
    })}
  </g>`;
}

/** @param {{editing: Editing, stock: StockKind, active: Layer, onLayer: (layer: Layer) => void, large: boolean, onLarge: () => void}} props */
function Head({ editing, stock, active, onLayer, large, onLarge }) {
  return html`<div class="author-head">
    <div class="author-layers" role="group" aria-label="Layer">
      ${LAYERS.map(
        (layer) => html`<button type="button" class=${`author-layer author-${layer}`} aria-pressed=${layer === active}
          onClick=${() => onLayer(layer)}>
          <span class="author-swatch" aria-hidden="true"></span>${layer}${
            editing.curveDiffers(stock, layer) ? html`<span class="author-changed" title="differs from ${editing.parent}"> changed</span>` : null
          }</button>`,
      )}
    </div>
    <button type="button" aria-pressed=${large} title="Enter, on a point" onClick=${onLarge}>
      ${large ? "Back to the panel" : "Whole window"}
    </button>
  </div>`;
}

/** @param {{editing: Editing, stock: StockKind}} props */
export function CurveEditor({ editing, stock }) {
  const [{ layer, index }, setTaken] = useState(START);
  const [large, setLarge] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const span = useRef(/** @type {Span | null} */ (null));
  const moving = useRef(false);
  const { width, height } = useSize(box);
  const curves = editing.curves(stock);
  const { parent: parents, gray } = editing.description.curves[stock];
  const now = spanOf(curves, parents);
  span.current = moving.current && span.current ? heldSpan(span.current, now) : now;
  const frame = frameOf(width, large ? height : Math.round(width * SHAPE), span.current);
  /** @param {Curve} curve @param {boolean} dragging */
  const change = (curve, dragging) => {
    moving.current = dragging;
    editing.editCurve(stock, layer, curve, dragging);
  };
  /** @param {number} next */
  const take = (next) => {
    setTaken({ layer, index: next });
    /** @type {SVGElement | null | undefined} */ (
      box.current?.querySelector(`[data-layer="${layer}"][data-point="${next}"]`)
    )?.focus({ preventScroll: true });
  };
  /** @type {Held} */
  const held = { frame, curve: curves[layer], rules: editing.description.rules, index, change, take };
  const drag = useDrag(held);
  const keys = useKeys(held);
  useEffect(() => {
    if (large) take(index);
  }, [large]);
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const onPoint = /** @type {Element} */ (event.target).getAttribute("role") === "slider";
    if ((event.key === "Enter" && onPoint) || (event.key === "Escape" && large)) {
      setLarge(!large);
      event.preventDefault();
    } else if (event.key !== "Tab") return;
    event.stopPropagation();
  };
  const faults = editing.faultsOf(`${stock}.curves`);
  return html`<section class=${`author-editor ${large ? "author-large" : ""}`} aria-label=${`${stock} curves`} onKeyDown=${onKeyDown}>
    <${Head} editing=${editing} stock=${stock} active=${layer} onLayer=${(/** @type {Layer} */ next) => setTaken({ layer: next, index })}
      large=${large} onLarge=${() => setLarge(!large)} />
    <div class="author-graph" ref=${box}>
      ${
        width === 0
          ? null
          : html`<svg width=${frame.width} height=${frame.height} viewBox=${`0 0 ${frame.width} ${frame.height}`} role="group"
          aria-label=${`${stock} curves, ${layer} layer active`} ...${drag}>
          <${Graph} frame=${frame} curves=${curves} parents=${parents} active=${layer}
            mark=${markOf(stock, gray, layer, curves[layer])} status=${STATUS[stock]} parent=${editing.parent} />
          ${LAYERS.map(
            (each) => html`<${Points} key=${each} layer=${each} active=${layer} index=${index} curve=${curves[each]} frame=${frame}
              keys=${keys} onTake=${(/** @type {Layer} */ to, /** @type {number} */ k) => setTaken({ layer: to, index: k })} />`,
          )}
        </svg>`
      }
    </div>
    <${PointRow} editing=${editing} stock=${stock} layer=${layer} index=${index} />
    ${faults.map((message) => html`<p class="author-fault" role="alert">${message}</p>`)}
    <p class="author-keys">Arrows move the point, Shift makes every move finer. Page Up and Page Down: other points.
      Tab: next layer. Enter: whole window.</p>
  </section>`;
}
