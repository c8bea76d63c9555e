/** The panel's last row: what differs, undo, redo, save. */

/** @import { Editing } from "./editing.js" */

import { html, useId, useState } from "../vendor/ui.js";
import { Faults } from "./fields.js";

const SHOWN = 3; // names of what differs, before "and 2 more"

/**
 * Return what differs from the parent in one line: "2 fields differ from premier: print blue curve, flare".
 * @param {Editing} editing
 */
export function differenceText(editing) {
  const names = editing.differences();
  if (names.length === 0) return `Nothing differs from ${editing.parent}.`;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  const count = names.length === 1 ? "1 field differs" : `${names.length} fields differ`;
  return `${count} from ${editing.parent}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}

/** @param {{editing: Editing}} props */
export function EditBar({ editing }) {
  const { undo, redo } = editing.edits;
  const { actions, state } = editing.app;
  const file = state.session.value?.author?.path ?? null;
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [saved, setSaved] = useState({ line: "", failed: false });
  const id = useId();
  const name = typed ?? editing.description.name;
  const save = async () => {
    try {
      setSaved({ line: await actions.save(editing.slot, name), failed: false });
    } catch (error) {
      setSaved({ line: error instanceof Error ? error.message : String(error), failed: true });
    }
  };
  return html`<footer class="author-bar">
    <p class="author-differs" title=${editing.differences().join(", ")}>${differenceText(editing)}</p>
    <div class="author-row">
      <button type="button" disabled=${undo.length === 0} onClick=${() => actions.undo(editing.slot)}>Undo ${undo.length || ""}</button>
      <button type="button" disabled=${redo.length === 0} onClick=${() => actions.redo(editing.slot)}>Redo ${redo.length || ""}</button>
      <label class="author-save-name">Name <input type="text" spellcheck=${false} value=${name} aria-describedby=${`${id}-fault`}
        onInput=${(/** @type {Event} */ event) => setTyped(/** @type {HTMLInputElement} */ (event.currentTarget).value)} /></label>
      <button type="button" class="author-save" title=${file ? `Writes ${file}` : "Downloads a .toml"} disabled=${name.trim() === ""}
        onClick=${save}>${file ? "Save" : "Download"}</button>
    </div>
    <${Faults} editing=${editing} name="name" id=${`${id}-fault`} />
    <p class=${saved.failed ? "author-fault" : "author-note"} role="status">${saved.line}</p>
  </footer>`;
}
