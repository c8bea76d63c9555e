/** The bar over the picture: which shot and look, how both are compared and looked at. */

import { html } from "../vendor/ui.js";
import { slotName } from "../looks.js";
import { isNeutral } from "../settings.js";
import { CHANNEL_NAMES } from "../words.js";
import { Dial } from "./dial.js";
import { Slots } from "./slots.js";

/** @import {App} from "../types.js" */

/** A select, or text where there is no choice. @param {{label: string, names: [string, string][], value: string, set: (value: string) => void}} facts */
function Choice({ label, names, value, set }) {
  if (names.length < 2) return null;
  return html`<select aria-label=${label} title=${label} value=${value}
    onChange=${(/** @type {any} */ event) => set(event.target.value)}>
    ${names.map(([key, name]) => html`<option value=${key} selected=${key === value}>${name}</option>`)}</select>`;
}

/** @param {{app: App}} facts */
function Shots({ app: { state, actions } }) {
  const { shots } = state.session.value;
  const film = state.film.value;
  const names = /** @type {[string, string][]} */ (shots.map(({ name }, i) => [String(i), name]));
  const isBoth = state.mode.value !== "single";
  return html`<div class="group shots">
    ${shots.length > 1
      ? html`<${Choice} label="Shot" names=${names} value=${String(state.shot.value)}
          set=${(/** @type {string} */ at) => actions.setShot(Number(at))} />`
      : html`<strong class="shot" title=${film.name}>${film.name}</strong>`}
    ${shots.length > 1 && isBoth && html`<${Choice} label="Shot of side B"
      names=${names.map(([key, name]) => [key, `B: ${name}`])} value=${String(state.otherShot.value ?? state.shot.value)}
      set=${(/** @type {string} */ at) => actions.setOtherShot(Number(at))} />`}
    <${Choice} label="Layer" names=${film.layers.map(({ name }) => [name, name || "(no layer)"])}
      value=${state.layer.value} set=${(/** @type {string} */ name) => (state.layer.value = name)} />
    <${Choice} label="View" names=${film.views.map((name) => [name, name])} value=${state.view.value}
      set=${(/** @type {string} */ name) => (state.view.value = name)} />
  </div>`;
}

/** @param {{on: boolean, title: string, run: () => void, mark?: boolean, label?: string, children?: any}} facts */
function Toggle({ on, title, run, mark, label, children }) {
  return html`<button aria-pressed=${on} aria-label=${label} class=${mark && on ? "changed" : ""} title=${title}
    onClick=${run}>${children}</button>`;
}

/** @param {{app: App}} facts */
function Compare({ app: { state, actions } }) {
  const mode = state.mode.value;
  const names = `A ${slotName(state, state.slot.value)}, B ${slotName(state, state.other.value)}`;
  return html`<div class="group joined" role="group" aria-label="Compare A and B">
    <${Toggle} on=${mode === "wipe"} title=${`Wipe: ${names} (W)`} run=${() => actions.toggleMode("wipe")}>Wipe<//>
    <button title=${`Exchange: ${names} (T)`} onClick=${actions.swap}>A/B</button>
    <${Toggle} on=${mode === "difference"} mark title=${`Difference: ${names} (D)`} run=${() => actions.toggleMode("difference")}>Difference<//>
  </div>`;
}

/** @param {{app: App}} facts */
function Dials({ app: { state, actions } }) {
  return html`<${Dial} id="exposure" label="Exposure" value=${state.exposure.value} neutral=${0} range=${[-6, 6]}
      step=${0.05} isSigned set=${actions.setExposure} />
    <${Dial} id="gamma" label="Gamma" value=${state.gamma.value} neutral=${1} range=${[-2, 2]} step=${0.05}
      toSlider=${Math.log2} fromSlider=${(/** @type {number} */ at) => 2 ** at} set=${actions.setGamma} />`;
}

/** @param {{app: App}} facts */
function Channels({ app: { state, actions } }) {
  return html`<div class="group joined" role="group" aria-label="Channels">
    ${CHANNEL_NAMES.map(({ channel, key, label, says }) => html`<${Toggle} on=${state.channel.value === channel}
      mark=${channel !== "rgb"} label=${says} title=${`${says} (${key})`}
      run=${() => (state.channel.value = channel)}>${label}<//>`)}</div>`;
}

/** @param {{app: App}} facts */
function Marks({ app: { state, actions } }) {
  return html`<div class="group joined" role="group" aria-label="Marks over the picture">
    <${Toggle} on=${state.falseColor.value} mark title="Stops from gray as colors (X)" run=${() => actions.toggle("falseColor")}>False color<//>
    <${Toggle} on=${state.clipping.value} mark title="Codes at 0 and 255 (Z)" run=${() => actions.toggle("clipping")}>Clipping<//>
    <${Toggle} on=${state.markers.value} mark title="NaN, infinity and negative values (N)" run=${() => actions.toggle("markers")}>NaN<//>
  </div>`;
}

/** @param {{app: App, page: {savePicture: () => void}}} facts */
export function TopBar({ app, page }) {
  const { state, actions } = app;
  return html`<header class="top">
    <div class="row"><${Shots} app=${app} /><${Slots} app=${app} /></div>
    <div class="row">
      <${Compare} app=${app} />
      <${Dials} app=${app} />
      <${Channels} app=${app} />
      <${Marks} app=${app} />
      <button title="Exposure, gamma, channels, marks, compare as they begin (Ctrl Home)" disabled=${isNeutral(state)}
        onClick=${actions.reset}>Reset</button>
      <span class="space"></span>
      <div class="group about">
        <button title="Save the view as PNG (S)" onClick=${page.savePicture}>Save PNG</button>
        <${Toggle} on=${state.info.value} label="About the picture" title="About the picture (I)" run=${() => actions.toggle("info")}>Info<//>
        <${Toggle} on=${state.panel.value} title="Look and scopes (\\)" run=${() => actions.toggle("panel")}>Panel<//>
        <${Toggle} on=${state.help.value} label="Keys" title="Keys (?)" run=${() => actions.toggle("help")}>?<//>
      </div>
    </div>
  </header>`;
}
