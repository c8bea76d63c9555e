/** The slots of SDevs: which is shown, which is on side B, and which look is in each. */

import { html } from "../vendor/ui.js";
import { slotName } from "../looks.js";
import { Menu } from "./menu.js";

/** @import {App} from "../types.js" */

const SUFFIXES = [".clf"];

/** @param {App} app @param {number} slot @returns {() => import("./menu.js").Item[]} */
const itemsOf = ({ state, actions }, slot) => () => {
  const { slots, looks, suffixes } = state.session.value;
  const look = slots[slot - 1]?.look;
  return [
    { label: `Look in slot ${slot}`, heading: true },
    ...looks.map((/** @type {string} */ name) => ({ label: name, checked: name === look, run: () => actions.setLook(slot, name) })),
    ...(look
      ? [
          { label: "Side B", heading: true },
          { label: `Put ${slotName(state, slot)} on side B`, run: () => actions.setOther(slot) },
          { label: "Save the SDev", heading: true },
          ...(suffixes ?? SUFFIXES).map((/** @type {string} */ suffix) => ({
            label: `${slotName(state, slot)}${suffix}`,
            run: () => void actions.exportSdev(slot, suffix),
          })),
        ]
      : []),
  ];
};

/** @param {{app: App, slot: number}} facts */
function Slot({ app, slot }) {
  const { state, actions } = app;
  const name = slotName(state, slot);
  const isEmpty = slot > 0 && !state.session.value.slots[slot - 1];
  const [isA, isB] = [state.slot.value === slot, state.other.value === slot];
  const edited = Object.keys(state.edits.value[slot]?.changes ?? {}).length > 0;
  const description = state.session.value.slots[slot - 1]?.description ?? "";
  return html`<span class=${`slot${isA ? " on" : ""}${isEmpty ? " empty" : ""}${edited ? " changed" : ""}`}>
    <button class="pick" aria-pressed=${isA} title=${`${name}${edited ? " (edited)" : ""}${description && `\n${description}`}`}
      aria-label=${`Slot ${slot}: ${name}${edited ? ", edited" : ""}`} onClick=${(/** @type {MouseEvent} */ event) => (event.shiftKey ? actions.setOther(slot) : actions.setSlot(slot))}>
      <kbd>${slot}</kbd><span class="name">${isEmpty ? "–" : name}${edited ? "*" : ""}</span>
      <span class="side" aria-hidden="true">${isA ? "A" : isB ? "B" : ""}</span></button>
    ${slot > 0 && html`<${Menu} kind="looks" label=${`Look in slot ${slot}`} items=${itemsOf(app, slot)} />`}
  </span>`;
}

/** @param {{app: App}} facts */
export function Slots({ app }) {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0];
  return html`<div class="slots" role="group" aria-label="Looks">
    ${numbers.map((slot) => html`<${Slot} key=${slot} app=${app} slot=${slot} />`)}</div>`;
}
