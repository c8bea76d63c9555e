/** SDevs of the slots as the server builds them: kept, drafts while a hand moves, the fit when it rests. */

import { batch, effect, untracked } from "./vendor/ui.js";
import { isDragging, rebased } from "./edits.js";
import { newest } from "./newest.js";
import { putLook, sdevRef } from "./looks.js";

/** @import {App, SdevData, SdevRef} from "./types.js" */

const KEPT = 24;
const WARM = 1000; // ms from the first picture
const REST = 250; // ms from the last change of an edit to its fit

/** The slot's look without edits, with charts. @param {SdevRef} ref @returns {SdevRef} */
const asLoaded = ({ slot, look, canvas }) => ({ slot, look, changes: {}, quality: "rest", canvas });

/** @param {App} app */
export function createDevices({ source, state }) {
  /** @type {Map<string, Promise<SdevData>>} */
  const kept = new Map();
  let isWarm = false;

  /**
   * An SDev for pictures of a color space.
   * @param {SdevRef} ref @param {number} input @returns {Promise<SdevData>}
   */
  function get(ref, input) {
    const key = JSON.stringify([ref, input, state.epoch.peek()]);
    const device = kept.get(key) ?? source.sdev({ ...ref, input, page: state.page });
    kept.delete(key);
    kept.set(key, device);
    device.catch(() => kept.delete(key));
    if (kept.size > KEPT) kept.delete(/** @type {string} */ (kept.keys().next().value));
    return device;
  }

  const inform = newest(async (/** @type {{ref: SdevRef, input: number, isEditing: boolean}} */ { ref, input, isEditing }) => {
    try {
      const { header } = await get(ref, input);
      const loaded = isEditing ? await get(asLoaded(ref), input) : null;
      state.sdevInfo.value = { ...header, before: loaded?.header.charts ?? null, errors: [] };
    } catch (fault) {
      const { status, errors } = /** @type {import("./source.js").SourceError} */ (fault);
      if (status >= 400 && status !== 409) state.sdevInfo.value = { ...state.sdevInfo.peek(), errors };
    }
  });

  /** @type {Map<number, any>} */
  const described = new Map(); // slots, as their edits know them

  const describe = newest(async (/** @type {{slot: number, look?: string}} */ { slot, look }) => {
    const before = described.get(slot);
    try {
      const profile = { ...(await source.profile(slot, look)), slot };
      const edits = state.edits.peek()[slot];
      described.set(slot, profile);
      batch(() => {
        if (before && edits) state.edits.value = { ...state.edits.peek(), [slot]: rebased(edits, before, profile) };
        state.profile.value = profile;
        state.profileFault.value = null;
      });
    } catch (fault) {
      const isEdited = Object.keys(state.edits.peek()[slot]?.changes ?? {}).length > 0;
      if (isEdited && state.profile.peek()?.slot === slot) {
        state.message.value = { text: /** @type {Error} */ (fault).message, fault: true }; // the edits can still be saved
        return;
      }
      batch(() => {
        state.profile.value = null;
        state.profileFault.value = /** @type {Error} */ (fault).message;
      });
    }
  });

  /** Fit the edits of the shown slot. @param {SdevRef} ref @param {number} input */
  async function settle(ref, input) {
    const edits = state.edits.peek()[ref.slot];
    try {
      await get({ ...ref, quality: "rest" }, input);
      if (state.edits.peek()[ref.slot] === edits) state.settled.value = { ...state.settled.peek(), [ref.slot]: true };
    } catch {
      // overtaken by a newer edit, or refused: `inform` says why
    }
  }

  /** Ask for what the other slots hold, one after the other, so that they are there when they are picked. */
  async function warm() {
    for (const [i, slot] of state.session.peek().slots.entries()) {
      const { picture } = state;
      if (slot && picture.peek() && !picture.peek()?.raw) await untracked(() => get(sdevRef(state, i + 1), picture.value?.input ?? 0)).catch(() => null);
    }
  }

  const ends = [
    effect(() => {
      if (!state.shown.value || isWarm) return;
      isWarm = true;
      setTimeout(warm, WARM);
    }),
    effect(() => {
      const input = state.picture.value?.input;
      state.epoch.value;
      if (state.picture.value?.raw) state.sdevInfo.value = null; // no SDev is shown
      if (input === undefined || state.picture.value?.raw) return;
      const ref = sdevRef(state, state.slot.value);
      const isEditing = state.panel.value && state.profile.value !== null && ref.slot > 0;
      inform({ ref: isEditing && !ref.changes ? asLoaded(ref) : ref, input, isEditing });
    }),
    effect(() => {
      const slot = state.slot.value;
      state.epoch.value;
      if (!state.panel.value || slot === 0) state.profile.value = null;
      else describe({ slot, look: putLook(state, slot) });
    }),
    effect(() => {
      const ref = sdevRef(state, state.slot.value);
      const input = state.picture.value?.input;
      if (ref.quality !== "drag" || input === undefined || isDragging(state)) return;
      const timer = setTimeout(() => settle(ref, input), REST);
      return () => clearTimeout(timer);
    }),
  ];
  return { get, dispose: () => ends.forEach((end) => end()) };
}
/** @typedef {ReturnType<typeof createDevices>} Devices */
