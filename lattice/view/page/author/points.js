/** The points that a hand takes: sliders of two directions. Of a layer that is not active only one, for the Tab key. */

/** @import { Curve, Layer } from "./types.js" */
/** @import { Frame } from "./frame.js" */

import { html } from "../vendor/ui.js";
import { numberText } from "./scale.js";

const RADIUS = { taken: 6, other: 5 };

/**
 * @param {{layer: Layer, active: Layer, index: number, curve: Curve, range: number[], frame: Frame, keys: object,
 *   onTake: (layer: Layer, index: number) => void}} props
 *   range: of density
 */
export function Points({ layer, active, index, curve, range, frame, keys, onTake }) {
  const isActive = layer === active;
  const shown = isActive ? curve.log_exposure.map((_, k) => k) : [index];
  return html`<g class=${`author-points author-${layer} ${isActive ? "author-active" : ""}`}>
    ${shown.map((k) => {
      const [x, d] = [curve.log_exposure[k], curve.density[k]];
      const isTaken = isActive && k === index;
      return html`<circle key=${k} class=${`author-point ${isTaken ? "author-taken" : ""}`} role="slider"
        tabindex=${k === index ? 0 : -1} r=${isTaken ? RADIUS.taken : RADIUS.other}
        cx=${frame.x.at(x)} cy=${frame.density.at(d)} data-layer=${layer} data-point=${k}
        aria-label=${`${layer} point ${k + 1} of ${curve.density.length}`}
        aria-valuetext=${`log H ${numberText(x, 3)}, density ${numberText(d, 3)}`} aria-valuenow=${d}
        aria-valuemin=${curve.density[k - 1] ?? range[0]} aria-valuemax=${curve.density[k + 1] ?? range[1]}
        onFocus=${() => onTake(layer, k)} ...${keys} />`;
    })}
  </g>`;
}
