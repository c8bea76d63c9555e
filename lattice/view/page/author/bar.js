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
 * Return the first fault in one line, as its field may be on another tab; null where there is none.
 * @param {Editing} editing
 */
function faultText({ faults }) {
  if (faults.length === 0) return null;
  const [{ field, message }] = faults;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return `${field ? `${field}: ` : ""}${message}${more}`;
}

/**
 * Return what the last save said, until the next edit, and the save itself.
 * @param {Editing} editing
 */
function useSave(editing) {
  const at = editing.edits.count; // a file that is saved is read again, which is no edit
  const [said, setSaid] = useState({ line: "", failed: false, at });
  /** @param {string} name */
  const save = async (name) => {
    try {
      setSaid({ line: `Saved: ${await editing.app.actions.save(editing.slot, name)}`, failed: false, at });
    } catch (error) {
      setSaid({ line: `Not saved: ${error instanceof Error ? error.message : error}`, failed: true, at });
    }
  };
  return { save, said: said.line && said.at === at ? said : null };
}

/**
 * Return the name that a save begins with. An edit of a shipped look has not that look's name: graded frames and SDevs
 * would say it.
 * @param {Editing} editing @param {string | null} file that a save writes
 */
function nameFor({ app, description: { name } }, file) {
  if (!app.state.session.value?.looks?.includes(name)) return name;
  return file?.replace(/^.*[\\/]/, "").replace(/\.toml$/i, "") ?? `${name}-edit`;
}

/** @param {{editing: Editing}} props */
export function EditBar({ editing }) {
  const { actions, state } = editing.app;
  const { slot } = editing;
  const { undo, redo } = editing.edits;
  const file = state.session.value?.author?.path ?? null;
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const { save, said } = useSave(editing);
  const fault = `${useId()}-fault`;
  const name = typed ?? nameFor(editing, file);
  const wrong = said?.failed ? said.line : faultText(editing);
  return html`<footer class="author-bar-row">
    <p class=${`author-differs ${wrong ? "author-fault" : ""}`} role="status"
      title=${wrong ?? editing.differences().join(", ")}>${wrong ?? said?.line ?? differenceText(editing)}</p>
    <div class="author-row">
      <button type="button" disabled=${undo.length === 0} onClick=${() => actions.undo(slot)}>
        Undo ${undo.length || ""}</button>
      <button type="button" disabled=${redo.length === 0} onClick=${() => actions.redo(slot)}>
        Redo ${redo.length || ""}</button>
      <label class="author-save-name">Name
        <input type="text" class="author-text" spellcheck=${false} value=${name} aria-describedby=${fault}
          onInput=${(/** @type {Event} */ event) => setTyped(textIn(event))} /></label>
      <button type="button" title=${file ? `Writes ${file}` : "Downloads a .toml"} disabled=${name.trim() === ""}
        onClick=${() => save(name)}>${file ? "Save" : "Download"}</button>
    </div>
    <${Faults} editing=${editing} name="name" id=${fault} />
  </footer>`;
}
