/** The keys, from the table that hears them. */

import { html, useEffect, useRef } from "../vendor/ui.js";
import { helpRows } from "../keys.js";

/** @import {App} from "../types.js" */

const HAND = [
  ["Drag", "Move the picture"],
  ["Wheel", "Zoom about the pointer"],
  ["Shift drag", "Probe the mean of an area"],
  ["Double click", "On a slider: back to neutral"],
  ["Enter", "On a curve's point: the curve over the whole window"],
];

/** @param {{app: App}} facts */
export function Help({ app: { state, actions } }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const close = () => {
    if (state.help.value) actions.toggle("help");
  };
  const groups = [...helpRows(), /** @type {[string, {keys: string, says: string}[]]} */ (["By hand",
    HAND.map(([keys, says]) => ({ keys, says }))])];
  return html`<dialog class="help" ref=${dialog} aria-label="Keys" onClose=${close}
    onClick=${(/** @type {MouseEvent} */ event) => event.target === dialog.current && close()}>
    <div class="sheet"><div class="title"><h2>Keys</h2><button onClick=${close}>Close</button></div>
    <div class="columns">${groups.map(([group, rows]) => html`<section><h3>${group}</h3>
      <dl>${rows.map(({ keys, says }) => html`<dt>${keys.split(", ").map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${says}</dd>`)}</dl>
    </section>`)}</div></div>
  </dialog>`;
}
