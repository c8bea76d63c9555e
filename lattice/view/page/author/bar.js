/** The panel's last row: what differs, undo, redo, save. */

/** @import { Editing } from "./editing.js" */

import { html, useId, useState } from "../vendor/ui.js";
import { textIn } from "./entry.js";
import { Faults } from "./fields.js";

const SHOWN = 3; // names of what differs, before "and 2 more"

/**
 * Return what differs from the parent in one line: "2 fields differ from premier: print blue curve, flare".
 * @param {Editing} editing
 */
function differenceText(editing) {
  const names = editing.differences();
  if (names.length === 0) return `Nothing differs from ${editing.parent}.`;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  const count = names.length === 1 ? "1 field differs" : `${names.length} fields differ`;
  return `${count} from ${editing.parent}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}

/**
 * Name and save: into the file that the command line named, or as a download; says where it went, or why it did not.
 * @param {{editing: Editing, children: unknown}} props
 */
function SaveRow({ editing, children }) {
  const { actions, state } = editing.app;
  const file = state.session.value?.author?.path ?? null;
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [said, setSaid] = useState({ line: "", failed: false });
  const fault = `${useId()}-fault`;
  const name = typed ?? editing.description.name;
  const save = async () => {
    try {
      setSaid({ line: `Saved: ${await actions.save(editing.slot, name)}`, failed: false });
    } catch (error) {
      setSaid({ line: error instanceof Error ? error.message : String(error), failed: true });
    }
  };
  return html`<div class="author-row">
      ${children}
      <label class="author-save-name">Name
        <input type="text" class="author-text" spellcheck=${false} value=${name} aria-describedby=${fault}
          onInput=${(/** @type {Event} */ event) => setTyped(textIn(event))} /></label>
      <button type="button" title=${file ? `Writes ${file}` : "Downloads a .toml"} disabled=${name.trim() === ""}
        onClick=${save}>${file ? "Save" : "Download"}</button>
    </div>
    <${Faults} editing=${editing} name="name" id=${fault} />
    <p class=${said.failed ? "author-fault" : "author-note"} role="status">${said.line}</p>`;
}

/** @param {{editing: Editing}} props */
export function EditBar({ editing }) {
  const { actions } = editing.app;
  const { slot } = editing;
  const { undo, redo } = editing.edits;
  return html`<footer class="author-bar-row">
    <p class="author-differs" title=${editing.differences().join(", ")}>${differenceText(editing)}</p>
    <${SaveRow} editing=${editing}>
      <button type="button" disabled=${undo.length === 0} onClick=${() => actions.undo(slot)}>
        Undo ${undo.length || ""}</button>
      <button type="button" disabled=${redo.length === 0} onClick=${() => actions.redo(slot)}>
        Redo ${redo.length || ""}</button>
    <//>
  </footer>`;
}
