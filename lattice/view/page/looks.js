/** What is in the slots: names, and the references by which the server knows an SDev. */

/** @import {SdevRef, State} from "./types.js" */

const NO_LOOK = "no look";

/**
 * The reference by which the server knows a slot's SDev with its edits.
 * @param {State} state @param {number} slot @returns {SdevRef}
 */
export function sdevRef(state, slot) {
  const canvas = state.canvas.value;
  if (slot === 0) return { slot, canvas };
  const look = putLook(state, slot);
  const changes = state.edits.value[slot]?.changes;
  if (!changes || Object.keys(changes).length === 0) return { slot, look, canvas };
  return { slot, look, changes, quality: state.settled.value[slot] ? "rest" : "drag", canvas };
}

/**
 * The shipped look in a slot, by its name, as another tab's save may put a file there; undefined for another's look.
 * @param {State} state @param {number} slot
 */
export function putLook(state, slot) {
  const filled = state.session.value.slots[slot - 1];
  return filled?.isPut || filled?.is_shipped ? filled.look : undefined;
}

/** What a side of the picture is seen through: graded frames say it themselves. @param {State} state @param {"a" | "b"} side */
export function seenThrough(state, side) {
  const other = side === "b" ? state.otherShot.value : null;
  const film = other === null ? state.film.value : state.session.value.shots[other];
  return film?.graded ? `graded, ${film.graded}` : slotName(state, state[side === "a" ? "slot" : "other"].value);
}

/** The name that buttons and labels show. @param {State} state @param {number} slot */
export function slotName(state, slot) {
  return slot === 0 ? NO_LOOK : (state.session.value.slots[slot - 1]?.name ?? "empty");
}
