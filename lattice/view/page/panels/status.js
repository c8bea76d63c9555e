/** The line under the picture: the probed pixel from scene to display, and how the picture is drawn. */

import { html } from "../vendor/ui.js";
import { slotName } from "../looks.js";
import { half, light, percent, share, signed } from "../words.js";

/** @import {App, Probe, State} from "../types.js" */

const NOTHING = "–";
const SPACES = /** @type {Record<import("../types.js").Canvas, string>} */ ({ srgb: "sRGB", "display-p3": "Display P3", raw: "raw codes" });

/** @param {{label: any, values: (string | number)[], width: number, title?: string, kind?: string}} facts width: characters a value */
function Reading({ label, values, width, title, kind = "" }) {
  return html`<span class=${`reading ${kind}`} title=${title}><span class="label">${label}</span>
    ${values.map((value) => html`<output style=${{ width: `${width}ch` }}>${value}</output>`)}</span>`;
}

/** A value as the file has it: hexadecimal halves or floats. @param {string | number} exact */
function exactly(exact) {
  return light(typeof exact === "number" ? exact : half(parseInt(exact, 16)));
}

/** The scene's values: exact ones of a pixel, means of an area. @param {State} state @param {Probe | null} probe */
function sceneOf(state, probe) {
  if (!probe?.scene || !probe.exact) return [NOTHING, NOTHING, NOTHING, NOTHING];
  return state.area.value ? probe.scene.map((value) => light(value ?? NaN)) : probe.exact.map(exactly);
}

/** @param {{app: App}} facts */
function Pixel({ app: { state } }) {
  const probe = state.probe.value;
  const [pointer, area] = [state.pointer.value, state.area.value];
  const at = area ? [area.x, area.y] : pointer ? [pointer.x, pointer.y] : [NOTHING, NOTHING];
  const codes = probe?.code;
  const scene = sceneOf(state, probe);
  const hasAlpha = state.picture.value?.planes === 4;
  const three = (/** @type {(value: number) => string | number} */ write, /** @type {(number | null)[] | null | undefined} */ values) =>
    values?.length ? values.map((value) => write(value ?? NaN)) : [NOTHING, NOTHING, NOTHING];
  const raw = state.picture.value?.raw ?? false; // codes, not light
  const name = raw ? "file" : slotName(state, state.slot.value);
  return html`<div class="probe" role="group" aria-label="Probe">
    <div class="scenes">
      <${Reading} label=${area ? "area at" : "x y"} values=${at} width=${5} />
      ${area && html`<${Reading} label="of" values=${[`${area.w} × ${area.h}`]} width=${11} />`}
      <${Reading} label=${area ? "mean" : raw ? "file" : "scene"} values=${scene.slice(0, 3)} width=${10} kind="scene"
        title=${probe?.exact ? `bits ${probe.exact.join(" ")}` : "Values of the file"} />
      ${hasAlpha && html`<${Reading} label="alpha" values=${[scene[3] ?? NOTHING]} width=${7} />`}
      <${Reading} label="stops" values=${[typeof probe?.stops === "number" && !raw ? signed(probe.stops) : NOTHING]} width=${6}
        title="Stops from mid gray, 0.18, of the file: before the exposure" />
    </div>
    <div class="codes">
      <${Reading} label="u" values=${three(share, probe?.u)} width=${5} title="Coordinates in the lattice, 0 to 1" kind="lattice" />
      <${Reading} label="cell" values=${three((value) => value, probe?.cell)} width=${2} title="Cell of the lattice" kind="lattice" />
      <${Reading} label=${html`display<span class="of">, ${name}</span>`} values=${three(share, codes)} width=${5} title="Codes at the SDev's end, 0 to 1" kind="named" />
      <${Reading} label="8 bit" values=${three((code) => Math.round(255 * Math.min(Math.max(code, 0), 1)), codes)} width=${3} />
    </div>
  </div>`;
}

/** What the SDev is made for, and how good it is. @param {State} state */
function sdevWords(state) {
  if (state.picture.value?.raw) return "graded codes";
  const info = state.sdevInfo.value;
  if (!info || state.slot.value === 0) return "sRGB";
  const { display, quality } = info;
  const made = typeof display === "string" ? display : (display?.name ?? "sRGB");
  const cells = quality?.size ? `${quality.size}³ ${quality.nodes}` : "";
  return [made, cells].filter(Boolean).join(", ");
}

/** @param {{app: App}} facts */
export function Status({ app }) {
  const { state, actions, source } = app;
  const zoom = state.zoom.value;
  const [canvas, space] = [state.canvas.value, state.space.value];
  const monitor = matchMedia("(color-gamut: p3)").matches ? "P3" : "sRGB";
  const isDrawn = state.drawn.value;
  const words = sdevWords(state);
  return html`<footer class="status">
    <${Pixel} app=${app} />
    <div class="drawing">
      <button class="quiet" title=${`The canvas: ${SPACES[space]} for the browser's color management, or the SDev's own codes for a calibrated monitor`}
        onClick=${() => (state.canvas.value = canvas === "raw" ? space : "raw")}>canvas ${SPACES[canvas]}</button>
      <span class="monitor" title="What the browser says that the monitor shows">monitor ${monitor}</span>
      <span class="renderer" title=${state.renderer.value}>drawn by ${isDrawn ? `the ${source.place}` : "WebGL"}</span>
      ${state.limited.value && html`<span class="limited changed" title="The picture is larger than the renderer's textures">proxy</span>`}
    </div>
    <div class="zooms">
      <span class="sdev" title=${`The SDev: ${words}`}>${words}</span>
      <span class="group joined"><button title="Fit the picture (F)" aria-pressed=${state.fit.value} onClick=${actions.fitView}>Fit</button>
        <button title="One to one (Ctrl 1)" aria-pressed=${zoom === 1 && !state.fit.value} onClick=${() => actions.zoomTo(1)}>1:1</button></span>
      <output class="zoom" aria-label="Zoom">${percent(zoom)}</output>
    </div>
  </footer>`;
}
