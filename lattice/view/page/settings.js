/** Settings that outlive the page: of the user in the browser's storage, of the tab until it is closed. */

import { batch, effect } from "./vendor/ui.js";

/** @import {State} from "./store.js" */

/** Where the reset leaves the view. */
export const NEUTRAL = /** @type {const} */ ({
  exposure: 0,
  gamma: 1,
  channel: "rgb",
  falseColor: false,
  clipping: false,
  markers: false,
  mode: "single",
});

/** What is not as the reset leaves it. @param {State} state */
export const isNeutral = (state) =>
  state.exposure.value === 0 && state.gamma.value === 1 && state.channel.value === "rgb" && !state.falseColor.value &&
  !state.clipping.value && !state.markers.value && state.mode.value === "single";

export const MOST_STOPS = 20;
export const GAMMAS = /** @type {const} */ ([0.1, 10]);

const OF_USER = /** @type {const} */ (["panelWidth", "scopes", "loop", "info"]);
const OF_TAB = /** @type {const} */ ([...Object.keys(NEUTRAL), "wipe", "slot", "other", "frame", "panel"]);

/**
 * Read one storage's settings into the state, then write every change.
 * @param {State} state @param {() => Storage} open fails where the browser forbids storage
 * @param {readonly string[]} names
 */
function keep(state, open, names) {
  const signals = /** @type {Record<string, import("./types.js").Signal<any>>} */ (/** @type {unknown} */ (state));
  const key = "lattice";
  try {
    const kept = JSON.parse(open().getItem(key) ?? "{}");
    batch(() => {
      for (const name of names) if (typeof kept[name] === typeof signals[name].peek()) signals[name].value = kept[name];
    });
  } catch {
    // unreadable or forbidden: the settings are the page's own
  }
  return effect(() => {
    const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, signals[name].value])));
    try {
      open().setItem(key, text);
    } catch {
      // forbidden or full: the settings end with the page
    }
  });
}

/** @param {State} state @returns {() => void} */
export function keepSettings(state) {
  const ends = [keep(state, () => localStorage, OF_USER), keep(state, () => sessionStorage, OF_TAB)];
  const slots = state.session.peek().slots;
  for (const side of [state.slot, state.other]) if (side.peek() > 0 && !slots[side.peek() - 1]) side.value = 0;
  state.frame.value = Math.min(Math.max(state.frame.peek(), 0), (state.session.peek().shots[0]?.count ?? 1) - 1);
  return () => ends.forEach((end) => end());
}
