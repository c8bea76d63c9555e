/** A hand on the points of a curve: pointer and keys. Shift makes every move finer, and means nothing else. */

/** @import { Curve, Layer, Rules } from "./types.js" */
/** @import { Frame } from "./frame.js" */

import { useEffect, useRef } from "../vendor/ui.js";
import { moved } from "./rules.js";

const REACH = 18; // pixels from a point within which the pointer takes it
const FINER = 0.1;
const KEY_STEP = 0.01; // log exposure or density
/** @type {Record<string, number[]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @typedef {object} Held
 * @property {Frame} frame @property {Curve} curve the active layer's @property {Rules} rules
 * @property {number} index of the active point
 * @property {(curve: Curve, dragging: boolean) => void} change
 * @property {(index: number) => void} take makes a point the active one, focused
 */

/**
 * Return the index of the point that is nearest to a place, or -1 if none is within reach.
 * @param {Frame} frame @param {Curve} curve @param {number} x @param {number} y pixels
 */
function nearest(frame, curve, x, y) {
  const distances = curve.log_exposure.map((each, k) =>
    Math.hypot(frame.x.at(each) - x, frame.density.at(curve.density[k]) - y),
  );
  const least = Math.min(...distances);
  return least <= REACH ? distances.indexOf(least) : -1;
}

/**
 * Run when the editor goes away, with what it last held: a move that is not over ends there.
 * @param {() => void} end
 */
function useEnd(end) {
  const last = useRef(end);
  last.current = end;
  useEffect(() => () => last.current(), []);
}

/**
 * Return the handlers of a drag on the drawing.
 * @param {Held} held
 */
export function useDrag({ frame, curve, rules, change, take }) {
  const drag = useRef(
    /** @type {null | {index: number, x: number, y: number, last: number[], curve: Curve | null}} */ (null),
  );
  /** @param {PointerEvent} event */
  const place = (event) => {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  /** @param {PointerEvent} event */
  const onPointerDown = (event) => {
    const [x, y] = place(event);
    const index = event.button === 0 ? nearest(frame, curve, x, y) : -1;
    if (index < 0) return;
    event.preventDefault();
    /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
    const [atX, atY] = [frame.x.at(curve.log_exposure[index]), frame.density.at(curve.density[index])];
    drag.current = { index, x: atX, y: atY, last: [x, y], curve: null };
    take(index);
  };
  /** @param {PointerEvent} event */
  const onPointerMove = (event) => {
    const now = drag.current;
    if (!now) return;
    const [x, y] = place(event);
    const share = event.shiftKey ? FINER : 1;
    now.x += (x - now.last[0]) * share;
    now.y += (y - now.last[1]) * share;
    now.last = [x, y];
    const wanted = Math.min(Math.max(frame.x.value(now.x), frame.x.low), frame.x.high);
    const density = Math.min(frame.density.value(now.y), frame.density.high);
    now.curve = moved(curve, now.index, wanted, density, rules);
    change(now.curve, true);
  };
  const onLostPointerCapture = () => {
    const last = drag.current?.curve;
    drag.current = null;
    if (last) change(last, false);
  };
  useEnd(onLostPointerCapture);
  return { onPointerDown, onPointerMove, onLostPointerCapture };
}

/**
 * Return the handlers of the keys of a point: arrows move it (a key that is held is one move); PageUp, PageDown, Home
 * and End take another point.
 * @param {Held} held
 */
export function useKeys({ curve, rules, index, change, take }) {
  const last = useRef(/** @type {Curve | null} */ (null));
  const release = () => {
    if (last.current) change(last.current, false);
    last.current = null;
  };
  useEnd(release);
  const most = curve.log_exposure.length - 1;
  /** @type {Record<string, number>} */
  const others = { PageUp: Math.min(index + 1, most), PageDown: Math.max(index - 1, 0), Home: 0, End: most };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    if (!arrow && !(event.key in others)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!arrow) {
      take(others[event.key]);
      return;
    }
    const step = KEY_STEP * (event.shiftKey ? FINER : 1);
    const from = last.current ?? curve;
    const to = [from.log_exposure[index] + arrow[0] * step, from.density[index] + arrow[1] * step];
    last.current = moved(from, index, to[0], to[1], rules);
    change(last.current, true);
  };
  return { onKeyDown, onKeyUp: release, onBlur: release };
}
