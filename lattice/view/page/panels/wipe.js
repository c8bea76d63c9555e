/** The wipe's line, which a hand drags by its middle and turns by its knob. It keeps its place in the picture. */

import { html, useRef } from "../vendor/ui.js";
import { clipped, sizeOf } from "../geometry.js";
import { seenThrough } from "../looks.js";

/** @import {App, FrameHeader, State} from "../types.js" */

const ARM = 110; // CSS pixels from the middle to the knob
const GAP = 9; // CSS pixels between the line and a name
const SNAP = 3; // degrees around every 45
const STEP = 0.01; // of the picture, by an arrow key
const MOST = 10; // of the picture: as far as a wipe's point goes

const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;

/** An angle in (-180, 180], held to a multiple of 45 where it is near. @param {number} degrees */
function turned(degrees) {
  const near = 45 * Math.round(degrees / 45);
  const angle = Math.abs(degrees - near) < SNAP ? near : degrees;
  const round = ((((angle + 180) % 360) + 360) % 360) - 180;
  return round === -180 ? 180 : round;
}

const held = (/** @type {number} */ value) => Math.min(Math.max(value, -MOST), MOST);

/** Shares of the display window that a move by CSS pixels is. @param {State} state @param {number} dx @param {number} dy */
function sharesOf(state, dx, dy) {
  const header = /** @type {FrameHeader} */ (state.picture.value);
  const [width, height] = sizeOf(header.display);
  const scale = state.viewport.value.ratio / state.zoom.value;
  return [(dx * scale) / (header.aspect * width), (dy * scale) / height];
}

/** @param {{app: App}} facts @param {{current: {x: number, y: number} | null}} last */
function middleHandlers({ app: { state } }, last) {
  const by = (/** @type {number} */ x, /** @type {number} */ y) => {
    const [oldX, oldY, angle] = state.wipe.value;
    state.wipe.value = [held(oldX + x), held(oldY + y), angle];
  };
  return {
    move(/** @type {PointerEvent} */ event) {
      if (!last.current) return;
      const [x, y] = sharesOf(state, event.clientX - last.current.x, event.clientY - last.current.y);
      last.current = { x: event.clientX, y: event.clientY };
      by(x, y);
    },
    key(/** @type {KeyboardEvent} */ event) {
      const step = /** @type {Record<string, [number, number]>} */ ({
        ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
      })[event.key];
      if (!step || event.ctrlKey || event.altKey || event.shiftKey) return;
      event.preventDefault();
      by(...step);
    },
  };
}

/** @param {{app: App}} facts @param {[number, number]} middle CSS pixels from the overlay's corner @param {number} side 1 or -1 */
function knobHandlers({ app: { state } }, middle, side) {
  const turn = (/** @type {number} */ angle) => {
    const [x, y] = state.wipe.value;
    state.wipe.value = [x, y, angle];
  };
  return {
    move(/** @type {PointerEvent} */ event) {
      const target = /** @type {Element} */ (event.currentTarget);
      if (!target.hasPointerCapture(event.pointerId)) return;
      const box = /** @type {SVGElement} */ (target.closest("svg")).getBoundingClientRect();
      const [dx, dy] = [event.clientX - box.left - middle[0], event.clientY - box.top - middle[1]];
      if (Math.hypot(dx, dy) < 1) return;
      turn(turned((Math.atan2(dy, dx) * 180) / Math.PI - 90 * side));
    },
    key(/** @type {KeyboardEvent} */ event) {
      const step = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 })[event.key];
      if (!step || event.ctrlKey || event.altKey || event.shiftKey) return;
      event.preventDefault();
      const angle = state.wipe.value[2] + step;
      turn(angle > 180 ? angle - 360 : angle <= -180 ? angle + 360 : angle);
    },
  };
}

/** @param {PointerEvent} event */
function grab(event) {
  /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
  /** @type {SVGElement} */ (event.currentTarget).focus({ preventScroll: true });
  event.preventDefault();
  event.stopPropagation();
}

/** Where names are beside the line's end. @param {[number, number]} end @param {[number, number]} normal @param {1 | -1} side */
function namePlace(end, [nx, ny], side) {
  const anchor = Math.abs(nx) < 0.3 ? "start" : side * nx > 0 ? "start" : "end";
  return { x: end[0] + side * nx * GAP, y: end[1] + side * ny * GAP + 4, anchor };
}

/** @param {{app: App, place: (x: number, y: number) => [number, number]}} facts */
export function Wipe(facts) {
  const { state } = facts.app;
  const last = useRef(/** @type {{x: number, y: number} | null} */ (null));
  const header = /** @type {FrameHeader} */ (state.picture.value);
  const [width, height] = sizeOf(header.display);
  const [x, y, angle] = state.wipe.value;
  const { width: w, height: h, ratio } = state.viewport.value;
  const middle = facts.place(x * width, y * height);
  const normal = /** @type {[number, number]} */ ([Math.cos(radians(angle)), Math.sin(radians(angle))]);
  const [dx, dy] = [-normal[1], normal[0]];
  const corner = facts.place(0, 0);
  const far = facts.place(width, height);
  const box = /** @type {[number, number, number, number]} */ ([Math.max(0, corner[0]), Math.max(0, corner[1]),
    Math.min(w / ratio, far[0]), Math.min(h / ratio, far[1])]);
  const ends = clipped(...middle, dx, dy, box);
  if (!ends) return null;
  const at = (/** @type {number} */ far) => /** @type {[number, number]} */ ([middle[0] + dx * far, middle[1] + dy * far]);
  const hold = Math.min(Math.max(0, ends[0] + 16), ends[1] - 16);
  const side = ends[1] - hold >= hold - ends[0] ? 1 : -1;
  const knob = at(hold + side * Math.min(ARM, Math.max(30, (side > 0 ? ends[1] - hold : hold - ends[0]) - 14)));
  const onMiddle = middleHandlers(facts, last);
  const onKnob = knobHandlers(facts, at(hold), side);
  const release = () => (last.current = null);
  const down = (/** @type {PointerEvent} */ event) => {
    grab(event);
    last.current = { x: event.clientX, y: event.clientY };
  };
  const [first, final] = [at(ends[0]), at(ends[1])];
  const top = at(side > 0 ? ends[0] + 18 : ends[1] - 18);
  const names = /** @type {{side: "a" | "b", sign: string, way: 1 | -1}[]} */ (
    [{ side: "a", sign: "A", way: -1 }, { side: "b", sign: "B", way: 1 }]);
  return html`<g class="wipe" data-own>
    <line class="shade" x1=${first[0]} y1=${first[1]} x2=${final[0]} y2=${final[1]} />
    <line class="edge" x1=${first[0]} y1=${first[1]} x2=${final[0]} y2=${final[1]} />
    <line class="grip" x1=${first[0]} y1=${first[1]} x2=${final[0]} y2=${final[1]}
      onPointerDown=${down} onPointerMove=${onMiddle.move} onPointerUp=${release} />
    ${names.map(({ side, sign, way }) => {
      const { x, y, anchor } = namePlace(top, normal, way);
      return html`<text x=${x} y=${y} text-anchor=${anchor}>${sign} ${seenThrough(state, side)}</text>`;
    })}
    <circle class="handle" cx=${at(hold)[0]} cy=${at(hold)[1]} r="8" tabindex="0" role="slider" aria-label="Wipe"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * x)}
      aria-valuetext=${`${Math.round(100 * x)} percent across, ${Math.round(100 * y)} percent down`}
      onPointerDown=${down} onPointerMove=${onMiddle.move} onPointerUp=${release} onKeyDown=${onMiddle.key}>
      <title>Drag the wipe</title></circle>
    <circle class="knob" cx=${knob[0]} cy=${knob[1]} r="5" tabindex="0" role="slider" aria-label="Angle of the wipe"
      aria-valuemin="-180" aria-valuemax="180" aria-valuenow=${Math.round(angle)} aria-valuetext=${`${Math.round(angle)} degrees`}
      onPointerDown=${grab} onPointerMove=${onKnob.move} onKeyDown=${onKnob.key}>
      <title>Turn the wipe</title></circle>
  </g>`;
}
