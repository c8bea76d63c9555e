/** The picture's place: zoom, pan and the probe by hand. */

import { batch, html, useEffect, useRef } from "../vendor/ui.js";
import { sizeOf, toPicture } from "../geometry.js";
import { Info } from "./info.js";
import { Legend } from "./legend.js";
import { Overlay } from "./overlay.js";

/** @import {App, State} from "../types.js" */

const WHEEL = 300; // CSS pixels of a wheel for a factor of 2
const LINE = 40; // CSS pixels a line of a wheel that counts lines

/** Canvas position of an event. @param {State} state @param {Element} place @param {MouseEvent} event @returns {[number, number]} */
function canvasAt(state, place, event) {
  const box = place.getBoundingClientRect();
  const { ratio } = state.viewport.value;
  return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
}

/** The picture pixel under an event. @param {State} state @param {[number, number]} at */
function pixelAt(state, at) {
  const view = { zoom: state.zoom.value, center: state.center.value };
  const [x, y] = toPicture(view, state.viewport.value, state.picture.value?.aspect ?? 1, ...at);
  return { x: Math.floor(x), y: Math.floor(y) };
}

/** Whether a pixel is in the display or the data window. @param {State} state @param {{x: number, y: number}} pixel */
function isInside(state, { x, y }) {
  const header = state.picture.value;
  if (!header) return false;
  const [width, height] = sizeOf(header.display);
  const [left, top] = [header.data[0] - header.display[0], header.data[1] - header.display[1]];
  const [dataWidth, dataHeight] = sizeOf(header.data);
  const inDisplay = x >= 0 && y >= 0 && x < width && y < height;
  return inDisplay || (x >= left && y >= top && x < left + dataWidth && y < top + dataHeight);
}

/** The area between two pixels, both included. @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
const areaOf = (from, to) => ({
  x: Math.min(from.x, to.x),
  y: Math.min(from.y, to.y),
  w: Math.abs(from.x - to.x) + 1,
  h: Math.abs(from.y - to.y) + 1,
});

/**
 * What the hand does on the picture.
 * @param {App} app @param {boolean} isPart of a larger page, which the wheel moves until the viewer has the focus
 */
function handsOn({ state, actions }, isPart) {
  /** @type {{at: [number, number], from: {x: number, y: number}, isArea: boolean} | null} */
  let drag = null;
  const place = (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.currentTarget);
  const probe = (/** @type {{x: number, y: number}} */ pixel) => {
    state.pointer.value = isInside(state, pixel) ? pixel : null;
  };
  return {
    down(/** @type {PointerEvent} */ event) {
      if (event.button > 1 || event.target instanceof SVGElement && event.target.closest("[data-own]")) return;
      const at = canvasAt(state, place(event), event);
      drag = { at, from: pixelAt(state, at), isArea: event.shiftKey && event.button === 0 };
      place(event).setPointerCapture(event.pointerId);
      place(event).focus({ preventScroll: true });
      event.preventDefault();
    },
    move(/** @type {PointerEvent} */ event) {
      const at = canvasAt(state, place(event), event);
      const pixel = pixelAt(state, at);
      if (!drag) return probe(pixel);
      if (!drag.isArea) {
        actions.pan(at[0] - drag.at[0], at[1] - drag.at[1]);
        drag.at = at;
        return;
      }
      const area = areaOf(drag.from, pixel);
      batch(() => {
        state.area.value = area.w * area.h > 1 ? area : null;
        probe(pixel);
      });
    },
    up(/** @type {PointerEvent} */ event) {
      if (drag?.isArea && !state.area.value?.w) state.area.value = null;
      drag = null;
      place(event).releasePointerCapture(event.pointerId);
    },
    wheel(/** @type {WheelEvent} */ event) {
      const root = /** @type {ShadowRoot} */ (place(event).getRootNode());
      if (isPart && !root.activeElement) return;
      event.preventDefault();
      const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
      actions.zoomTo(state.zoom.value * 2 ** (-turned / WHEEL), canvasAt(state, place(event), event));
    },
  };
}

/** Keep the viewport's size in canvas pixels. @param {State} state @param {HTMLElement} place */
function measure(state, place) {
  const observer = new ResizeObserver(([entry]) => {
    const ratio = devicePixelRatio;
    const exact = entry.devicePixelContentBoxSize?.[0];
    const { width, height } = entry.contentRect;
    state.viewport.value = {
      width: exact ? exact.inlineSize : Math.round(width * ratio),
      height: exact ? exact.blockSize : Math.round(height * ratio),
      ratio,
    };
  });
  observer.observe(place);
  return () => observer.disconnect();
}

/** @param {{app: App, screen: HTMLElement, isPart: boolean}} facts screen: the element that a painter puts its canvas into */
export function Viewer({ app, screen, isPart }) {
  const { state } = app;
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const holder = useRef(/** @type {HTMLElement | null} */ (null));
  const hands = useRef(/** @type {ReturnType<typeof handsOn> | null} */ (null));
  hands.current ??= handsOn(app, isPart);
  useEffect(() => {
    if (!place.current) return;
    holder.current?.append(screen);
    return measure(state, place.current);
  }, []);
  const { down, move, up, wheel } = hands.current;
  const fault = state.frameError.value;
  return html`<main class="viewer">
    <div class=${fault ? "place broken" : "place"} ref=${place} tabindex="0" role="group" aria-label="Picture"
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up} onWheel=${wheel}>
      <div class="holder" ref=${holder}></div>
      <${Overlay} app=${app} />
    </div>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    ${state.info.value && html`<${Info} app=${app} />`}
    <${Legend} app=${app} />
    <${Messages} app=${app} />
  </main>`;
}

/** @param {{app: App}} facts */
function Messages({ app: { state, actions } }) {
  const [gone, message] = [state.gone.value, state.message.value];
  return html`<div class="messages">
    ${gone && html`<p class="gone" role="alert">${gone}</p>`}
    <div role="status">${message && html`<p class=${message.fault ? "bad" : ""}>${message.text}
      <button class="close" aria-label="Close the message" onClick=${() => actions.say(null)}>×</button></p>`}</div>
  </div>`;
}
