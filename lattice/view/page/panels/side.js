/** Beside the picture: the look's panel over the scopes; as wide as the user drags it. */

import { html } from "../vendor/ui.js";
import { AuthorPanel } from "../author/panel.js";
import { Scopes } from "./scopes.js";

/** @import {App} from "../types.js" */
/** @import {Read} from "./scopes.js" */

const NARROWEST = 400;
const WIDEST = 900;
const STEP = 20;

/** @param {{app: App}} facts */
function Edge({ app: { state } }) {
  const set = (/** @type {number} */ width) => {
    state.panelWidth.value = Math.round(Math.min(Math.max(width, NARROWEST), WIDEST));
  };
  return html`<div class="edge" role="separator" tabindex="0" aria-orientation="vertical" aria-label="Width of the panel"
    aria-valuemin=${NARROWEST} aria-valuemax=${WIDEST} aria-valuenow=${state.panelWidth.value}
    onPointerDown=${(/** @type {PointerEvent} */ event) => {
      /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
      event.preventDefault();
    }}
    onPointerMove=${(/** @type {PointerEvent} */ event) => {
      const edge = /** @type {HTMLElement} */ (event.currentTarget);
      if (!edge.hasPointerCapture(event.pointerId)) return;
      const page = /** @type {HTMLElement} */ (edge.closest(".page"));
      set(page.getBoundingClientRect().right - event.clientX);
    }}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
      if (!by || event.shiftKey || event.altKey || event.ctrlKey) return;
      event.preventDefault();
      set(state.panelWidth.value + by);
    }}></div>`;
}

/** @param {{app: App, read: Read}} facts */
export function Side({ app, read }) {
  const { slot, profile, profileFault, scopes } = app.state;
  return html`<aside class="side" aria-label="Look and scopes">
    <${Edge} app=${app} />
    <div class="author">${slot.value > 0 && profile.value ? html`<${AuthorPanel} app=${app} />`
      : html`<p class="hint">${slot.value === 0 ? "No look is shown. A slot with a look shows what the look is made of." : (profileFault.value ?? "")}</p>`}</div>
    <button class="fold quiet" aria-expanded=${scopes.value} title="Scopes (V)" onClick=${app.actions.toggleScopes}>
      Scopes<span class="caret" aria-hidden="true"></span></button>
    ${scopes.value && html`<${Scopes} app=${app} read=${read} />`}
  </aside>`;
}
