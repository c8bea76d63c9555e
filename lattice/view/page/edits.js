/** Edits of looks: what changed in each slot, undo and redo. A drag is one step. */

import { batch } from "./vendor/ui.js";
import { putLook, slotName } from "./looks.js";

/** @import {Changes, Source, State} from "./types.js" */
/** @typedef {{changes: Changes, undo: Changes[], redo: Changes[], drag: string | null, count: number}} Edits count: of all that were made */

/** @type {Edits} */
const UNTOUCHED = { changes: {}, undo: [], redo: [], drag: null, count: 0 };

/**
 * The edits after one more, or after more of a drag; undefined as a value goes back to the file's.
 * @param {Edits} edits @param {string} field @param {any} value @param {boolean} dragging
 * @returns {Edits}
 */
export function edited(edits, field, value, dragging) {
  const { [field]: _, ...changes } = edits.changes;
  if (value !== undefined) changes[field] = value;
  const goesOn = edits.drag !== null;
  return {
    changes,
    undo: goesOn ? edits.undo : [...edits.undo, edits.changes],
    redo: [],
    drag: dragging ? field : null,
    count: edits.count + 1,
  };
}

/** @param {Edits} edits @param {"undo" | "redo"} from @param {"undo" | "redo"} to @returns {Edits} */
function moved(edits, from, to) {
  const last = edits[from].at(-1);
  if (!last) return edits;
  const moved = { ...edits, changes: last, drag: null, count: edits.count + 1 };
  moved[from] = edits[from].slice(0, -1);
  moved[to] = [...edits[to], edits.changes];
  return moved;
}

/**
 * The value of a field or a curve that a description has.
 * @param {import("./author/types.js").Description} description @param {string} name dotted, as in changes
 */
function valueIn({ fields, curves }, name) {
  const [stock, , layer] = name.split(".");
  const curve = /** @type {any} */ (curves)[stock]?.[layer];
  return name.includes(".curves.") ? curve : fields.find((each) => each.name === name)?.value;
}

/**
 * The edits on another description: fields that they touch, and that it has otherwise, keep the values that they had
 * before, so that undo brings back what was seen; what it has already is no change.
 * @param {Edits} edits @param {import("./author/types.js").Description} from @param {import("./author/types.js").Description} to
 * @returns {Edits}
 */
export function rebased(edits, from, to) {
  const names = new Set([edits.changes, ...edits.undo, ...edits.redo].flatMap(Object.keys));
  const moved = [...names].filter((name) => JSON.stringify(valueIn(from, name)) !== JSON.stringify(valueIn(to, name)));
  if (moved.length === 0) return edits;
  const before = Object.fromEntries(moved.map((name) => [name, valueIn(from, name)]));
  /** @param {Changes} changes */
  const filled = (changes) => ({ ...before, ...changes });
  const left = Object.entries(filled(edits.changes)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(valueIn(to, name)));
  return { ...edits, changes: Object.fromEntries(left), undo: edits.undo.map(filled), redo: edits.redo.map(filled) };
}

/** @param {State} state */
export const isDragging = (state) => Object.values(state.edits.value).some(({ drag }) => drag !== null);

/** @param {Blob} file @param {string} name */
export function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * Know the author's file and the slots as they are now; looks that the page put into slots stay, but for a saved one.
 * @param {State} state @param {{author?: any, slots?: any[]}} told @param {number} [saved] slot
 */
function take(state, { author, slots = [] }, saved) {
  const session = state.session.peek();
  const own = (/** @type {number} */ k) => session.slots[k]?.isPut && !(author?.slot === saved && k + 1 === saved);
  state.session.value = { ...session, author, slots: slots.map((each, k) => (own(k) ? session.slots[k] : each)) };
}

/** @param {Source} source @param {State} state */
export function editActions(source, state) {
  /** @param {number} slot @param {(edits: Edits) => Edits} change */
  const change = (slot, change) => batch(() => {
    state.settled.value = { ...state.settled.value, [slot]: false };
    state.edits.value = { ...state.edits.value, [slot]: change(state.edits.value[slot] ?? UNTOUCHED) };
  });
  /** @param {number} slot */
  const request = (slot) => ({
    slot,
    look: putLook(state, slot),
    changes: state.edits.value[slot]?.changes ?? {},
  });
  let refused = 0; // slot whose save was: a second one says that the user knows why
  return {
    /** @param {number} slot @param {string} field dotted name @param {any} value @param {{dragging: boolean}} [how] */
    edit(slot, field, value, { dragging } = { dragging: false }) {
      change(slot, (edits) => edited(edits, field, value, dragging));
    },
    /** @param {number} [slot] */
    undo(slot = state.slot.value) {
      change(slot, (edits) => moved(edits, "undo", "redo"));
    },
    /** @param {number} [slot] */
    redo(slot = state.slot.value) {
      change(slot, (edits) => moved(edits, "redo", "undo"));
    },
    /**
     * Save a slot's look as a profile: into the file that the command line named, else as a download.
     * @param {number} slot @param {string} name @returns {Promise<string>} where it went
     */
    async save(slot, name) {
      const changes = state.edits.peek()[slot]?.changes ?? {};
      const known = { revision: state.session.peek().author?.revision, again: refused === slot };
      const answer = await source.save({ ...request(slot), name, ...known }).catch(async (fault) => {
        if (fault.errors?.[0]?.field !== "file") throw fault;
        const session = await source.session();
        refused = slot;
        batch(() => {
          take(state, session);
          state.epoch.value += 1;
        });
        throw fault;
      });
      const { path, file, name: saved } = answer;
      refused = 0;
      if (file) {
        download(file, saved ?? `${name}.toml`);
        state.saved.value = { ...state.saved.peek(), [slot]: changes };
      } else take(state, answer, slot);
      return path ?? `${saved ?? name} in the browser's downloads`;
    },
    /** Save a slot's SDev. @param {number} slot @param {string} suffix ".clf", ".cube", ... */
    async exportSdev(slot, suffix) {
      state.message.value = { text: `building ${slotName(state, slot)}${suffix}`, fault: false };
      try {
        const { name, file } = await source.exportSdev({ ...request(slot), suffix });
        download(file, name);
        state.message.value = { text: `saved ${name}`, fault: false };
      } catch (fault) {
        state.message.value = { text: String(/** @type {Error} */ (fault).message), fault: true };
      }
    },
  };
}
