/** What is drawn over the picture: windows, wipe, probed area, pixel grid and values. In CSS pixels. */

import { html } from "../vendor/ui.js";
import { sizeOf, toCanvas } from "../geometry.js";
import { Grid } from "./grid.js";
import { Wipe } from "./wipe.js";

/** @import {App, Area, State, Window} from "../types.js" */

/** From picture to CSS pixels. @param {State} state @returns {(x: number, y: number) => [number, number]} */
export function placer(state) {
  const view = { zoom: state.zoom.value, center: state.center.value };
  const port = state.viewport.value;
  const aspect = state.picture.value?.aspect ?? 1;
  return (x, y) => {
    const [i, j] = toCanvas(view, port, aspect, x, y);
    return [i / port.ratio, j / port.ratio];
  };
}

/** @param {{place: ReturnType<typeof placer>, area: Area, kind: string}} facts */
function Outline({ place, area, kind }) {
  const [left, top] = place(area.x, area.y);
  const [right, bottom] = place(area.x + area.w, area.y + area.h);
  const at = (/** @type {number} */ value) => Math.round(value) + 0.5;
  return html`<rect class=${kind} x=${at(left) - 1} y=${at(top) - 1} width=${Math.max(1, Math.round(right) - Math.round(left) + 1)}
    height=${Math.max(1, Math.round(bottom) - Math.round(top) + 1)} />`;
}

/** A window from the display window's corner. @param {Window} window @param {Window} display @returns {Area} */
function areaOf(window, display) {
  const [w, h] = sizeOf(window);
  return { x: window[0] - display[0], y: window[1] - display[1], w, h };
}

/** @param {{app: App}} facts */
export function Overlay({ app }) {
  const { state } = app;
  const { width, height, ratio } = state.viewport.value;
  const header = state.picture.value;
  const place = placer(state);
  const [area, pixel] = [state.area.value, state.pointer.value];
  const hasOwnData = header && String(header.data) !== String(header.display);
  const isClose = state.zoom.value / ratio >= 6;
  return html`<svg class="overlay" width=${width / ratio} height=${height / ratio} aria-hidden=${state.mode.value === "wipe" ? undefined : true}>
    ${header && html`<${Outline} place=${place} area=${areaOf(header.display, header.display)} kind="display" />`}
    ${header && hasOwnData && html`<${Outline} place=${place} area=${areaOf(header.data, header.display)} kind="data" />`}
    ${header && !state.frameError.value && html`<${Grid} app=${app} place=${place} />`}
    ${area && html`<${Outline} place=${place} area=${area} kind="area" />`}
    ${pixel && !area && isClose && html`<${Outline} place=${place} area=${{ ...pixel, w: 1, h: 1 }} kind="area" />`}
    ${header && state.mode.value === "wipe" && html`<${Wipe} app=${app} place=${place} />`}
  </svg>`;
}

