/** Everything that changes the page's state. */

import { batch } from "./vendor/ui.js";
import { editActions } from "./edits.js";
import { zoomedAbout } from "./geometry.js";
import { GAMMAS, MOST_STOPS, NEUTRAL } from "./settings.js";

/** @import {Signal, Source, State} from "./types.js" */

/** @param {State} state */
const isSlot = (state, /** @type {number} */ slot) => slot === 0 || Boolean(state.session.value.slots[slot - 1]);

/** @param {number} value @param {number} least @param {number} most */
const between = (value, least, most) => Math.min(Math.max(value, least), most);

/** @param {State} state */
function slotActions(state) {
  const actions = {
    /** Show a slot; the one shown before goes to side B. @param {number} slot */
    setSlot(slot) {
      if (!isSlot(state, slot)) return actions.say(`slot ${slot} is empty: its menu puts a look in`);
      if (slot === state.slot.value) return;
      batch(() => {
        state.other.value = state.slot.value;
        state.slot.value = slot;
      });
    },
    /** Put a slot on side B. @param {number} slot */
    setOther(slot) {
      if (!isSlot(state, slot)) return actions.say(`slot ${slot} is empty: its menu puts a look in`);
      state.other.value = slot;
    },
    /** Exchange A and B. */
    swap() {
      const [slot, other] = [state.slot.value, state.other.value];
      batch(() => {
        state.slot.value = other;
        state.other.value = slot;
      });
    },
    /** Put a shipped look into a slot, and show it. @param {number} number @param {string} look */
    setLook(number, look) {
      const slots = [...state.session.value.slots];
      slots[number - 1] = { number, look, name: look, description: "", isPut: true };
      const { [number]: _, ...edits } = state.edits.value;
      batch(() => {
        state.session.value = { ...state.session.value, slots };
        state.edits.value = edits;
        actions.setSlot(number);
      });
    },
    /** Say a line; null takes it away. @param {string | null} text @param {boolean} fault */
    say(text, fault = false) {
      state.message.value = text === null ? null : { text, fault };
    },
  };
  return actions;
}

/** @param {State} state */
function lookingActions(state) {
  return {
    /** Wipe or difference on; single again where it is on already. @param {"wipe" | "difference"} mode */
    toggleMode(mode) {
      state.mode.value = state.mode.value === mode ? "single" : mode;
    },
    /** @param {import("./types.js").Channel} channel a second time: all colors again */
    toggleChannel(channel) {
      state.channel.value = state.channel.value === channel ? "rgb" : channel;
    },
    /** @param {"falseColor" | "clipping" | "markers" | "info" | "panel" | "help" | "loop"} name */
    toggle(name) {
      state[name].value = !state[name].value;
    },
    /** Fold the scopes away or show them, with the panel that they are in. */
    toggleScopes() {
      batch(() => {
        state.scopes.value = !(state.scopes.value && state.panel.value);
        state.panel.value = true;
      });
    },
    /** @param {number} stops */
    setExposure(stops) {
      state.exposure.value = between(stops, -MOST_STOPS, MOST_STOPS);
    },
    /** @param {number} gamma */
    setGamma(gamma) {
      state.gamma.value = between(gamma, ...GAMMAS);
    },
    /** Everything that `isNeutral` looks at. */
    reset() {
      batch(() => {
        for (const name of /** @type {(keyof typeof NEUTRAL)[]} */ (Object.keys(NEUTRAL))) {
          /** @type {Signal<any>} */ (state[name]).value = NEUTRAL[name];
        }
        state.wipe.value = [0.5, 0.5, 0];
      });
    },
    /** Show the whole display window, now and when the window changes. */
    fitView() {
      state.fit.value = true;
    },
    /**
     * Zoom about a canvas position, the middle where none is given.
     * @param {number} zoom @param {[number, number]} [about]
     */
    zoomTo(zoom, about) {
      const port = state.viewport.value;
      const view = { zoom: state.zoom.value, center: state.center.value };
      const [i, j] = about ?? [port.width / 2, port.height / 2];
      const next = zoomedAbout(view, port, state.picture.value?.aspect ?? 1, zoom, i, j);
      batch(() => {
        state.fit.value = false;
        state.zoom.value = next.zoom;
        state.center.value = next.center;
      });
    },
    /** @param {number} dx canvas pixels @param {number} dy */
    pan(dx, dy) {
      const aspect = state.picture.value?.aspect ?? 1;
      const [x, y] = state.center.value;
      batch(() => {
        state.fit.value = false;
        state.center.value = [x - dx / (state.zoom.value * aspect), y - dy / state.zoom.value];
      });
    },
  };
}

/** @param {State} state */
function frameActions(state) {
  const actions = {
    /** @param {number} frame in the shot's list */
    goTo(frame) {
      state.playing.value = false;
      state.frame.value = between(Math.round(frame), 0, state.film.value.count - 1);
    },
    /** Step, round the ends. @param {number} by */
    step(by) {
      const count = state.film.value.count;
      actions.goTo((((state.frame.value + by) % count) + count) % count);
    },
    togglePlay() {
      if (state.film.value.count < 2) return;
      state.playing.value = !state.playing.value;
    },
    /** @param {number} shot */
    setShot(shot) {
      const next = state.session.value.shots[shot];
      if (!next) return;
      batch(() => {
        state.playing.value = false;
        state.shot.value = shot;
        state.frame.value = between(state.frame.value, 0, next.count - 1);
        state.layer.value = next.layers[0]?.name ?? "";
        state.view.value = next.views[0] ?? "";
        state.area.value = null;
        state.fit.value = true;
      });
    },
    /** Shot of side B; null: the same. @param {number | null} shot */
    setOtherShot(shot) {
      state.otherShot.value = shot === state.shot.value ? null : shot;
    },
    /** @param {number} by */
    stepLayer(by) {
      const layers = state.film.value.layers.map(({ name }) => name);
      if (layers.length < 2) return;
      const at = layers.indexOf(state.layer.value) + by;
      state.layer.value = layers[(at + layers.length) % layers.length];
    },
  };
  return actions;
}

/** @param {Source} source @param {State} state */
export function createActions(source, state) {
  return {
    ...slotActions(state),
    ...lookingActions(state),
    ...frameActions(state),
    ...editActions(source, state),
  };
}
/** @typedef {ReturnType<typeof createActions>} Actions */
