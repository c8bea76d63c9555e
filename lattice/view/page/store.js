/** The page's state, in one place, and everything that changes it. */

import { batch, computed, effect, signal } from "./vendor/ui.js";
import { fitted, zoomedAbout } from "./geometry.js";
import { editActions } from "./edits.js";
import { NEUTRAL, keepSettings } from "./settings.js";

/** @import {App, Area, FrameHeader, Looking, Probe, SdevRef, Session, Shot, Signal, Source, Viewport} from "./types.js" */

export const MOST_STOPS = 20;
export const GAMMAS = /** @type {const} */ ([0.1, 10]);
export const NO_LOOK = "no look";

/** @param {Session} session */
export function createState(session) {
  const state = {
    session: signal(/** @type {Session} */ (session)),
    page: Math.random().toString(16).slice(2, 12), // names this tab to the server
    // which picture
    shot: signal(/** @type {number} */ (0)),
    otherShot: signal(/** @type {number | null} */ (null)), // of side B; null: the same shot
    frame: signal(/** @type {number} */ (0)),
    layer: signal(/** @type {string} */ (session.layer || (session.shots[0]?.layers[0]?.name ?? ""))),
    view: signal(/** @type {string} */ (session.shots[0]?.views[0] ?? "")),
    // which looks
    slot: signal(/** @type {number} */ (session.slots[0] ? 1 : 0)),
    other: signal(/** @type {number} */ (session.slots[1] ? 2 : 0)),
    canvas: signal(/** @type {string} */ ("srgb")), // "raw": codes as they are, for a calibrated monitor
    edits: signal(/** @type {Record<string, import("./edits.js").Edits>} */ ({})),
    settled: signal(/** @type {Record<string, boolean>} */ ({})), // slots whose fit of the edits is ready
    profile: signal(/** @type {any} */ (null)),
    profileFault: signal(/** @type {string | null} */ (null)), // why a look cannot be edited
    sdevInfo: signal(/** @type {any} */ (null)),
    // how it is looked at
    exposure: signal(/** @type {number} */ (NEUTRAL.exposure)),
    gamma: signal(/** @type {number} */ (NEUTRAL.gamma)),
    channel: signal(/** @type {import("./types.js").Channel} */ (NEUTRAL.channel)),
    falseColor: signal(/** @type {boolean} */ (NEUTRAL.falseColor)),
    clipping: signal(/** @type {boolean} */ (NEUTRAL.clipping)),
    markers: signal(/** @type {boolean} */ (NEUTRAL.markers)),
    mode: signal(/** @type {import("./types.js").Mode} */ (NEUTRAL.mode)),
    wipe: signal(/** @type {[number, number, number]} */ ([0.5, 0.5, 0])),
    zoom: signal(/** @type {number} */ (1)),
    center: signal(/** @type {[number, number]} */ ([0, 0])),
    fit: signal(/** @type {boolean} */ (true)),
    viewport: signal(/** @type {Viewport} */ ({ width: 0, height: 0, ratio: 1 })),
    // what is shown
    picture: signal(/** @type {FrameHeader | null} */ (null)),
    samples: signal(/** @type {import("./types.js").FrameData | null} */ (null)), // of the shown frame, where wanted
    shown: signal(/** @type {{frame: number, scale: number} | null} */ (null)),
    frameError: signal(/** @type {string | null} */ (null)),
    renderer: signal(/** @type {string} */ ("")),
    drawn: signal(/** @type {boolean} */ (false)), // by the server
    limited: signal(/** @type {boolean} */ (false)), // a proxy, as the picture is larger than the renderer takes
    probe: signal(/** @type {Probe | null} */ (null)),
    pointer: signal(/** @type {{x: number, y: number} | null} */ (null)),
    area: signal(/** @type {Area | null} */ (null)),
    // playback
    playing: signal(/** @type {boolean} */ (false)),
    loop: signal(/** @type {boolean} */ (true)),
    proxy: signal(/** @type {number} */ (1)), // while playing
    dropped: signal(/** @type {number} */ (0)),
    cached: signal(/** @type {{[shot: string]: [number, number][]}} */ ({})),
    // the page
    panel: signal(/** @type {boolean} */ (session.author !== null)),
    panelWidth: signal(/** @type {number} */ (480)),
    help: signal(/** @type {boolean} */ (false)),
    info: signal(/** @type {boolean} */ (false)),
    message: signal(/** @type {{text: string, fault: boolean} | null} */ (null)),
    gone: signal(/** @type {string | null} */ (null)),
    epoch: signal(/** @type {number} */ (0)), // grows when the server is back: everything is asked for again
  };
  const looking = computed(() => /** @type {Looking} */ ({
    exposure: state.exposure.value,
    gamma: state.gamma.value,
    channel: state.channel.value,
    false_color: state.falseColor.value,
    clipping: state.clipping.value,
    markers: state.markers.value,
    mode: state.mode.value,
    wipe: state.wipe.value,
    zoom: state.zoom.value,
    center: state.center.value,
  }));
  const film = computed(() => /** @type {Shot} */ (state.session.value.shots[state.shot.value]));
  return { ...state, looking, film };
}
/** @typedef {ReturnType<typeof createState>} State */

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
 * The shipped look that the page put into a slot; undefined where the slot has the command line's.
 * @param {State} state @param {number} slot
 */
export function putLook(state, slot) {
  const filled = state.session.value.slots[slot - 1];
  return filled?.isPut ? filled.look : undefined;
}

/** The name that buttons and labels show. @param {State} state @param {number} slot */
export function slotName(state, slot) {
  return slot === 0 ? NO_LOOK : (state.session.value.slots[slot - 1]?.name ?? "empty");
}

/** @param {State} state */
const isSlot = (state, /** @type {number} */ slot) => slot === 0 || Boolean(state.session.value.slots[slot - 1]);

/** What is not as the reset leaves it. @param {State} state */
export const isNeutral = (state) =>
  state.exposure.value === 0 && state.gamma.value === 1 && state.channel.value === "rgb" && !state.falseColor.value &&
  !state.clipping.value && !state.markers.value && state.mode.value === "single";

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
function createActions(source, state) {
  return {
    ...slotActions(state),
    ...lookingActions(state),
    ...frameActions(state),
    ...editActions(source, state),
  };
}
/** @typedef {ReturnType<typeof createActions>} Actions */

/**
 * State and actions of a session, with the settings that the browser kept.
 * @param {Source} source @param {Session} session
 * @returns {{app: App, dispose: () => void}}
 */
export function createStore(source, session) {
  const state = createState(session);
  const actions = createActions(source, state);
  const ends = [
    keepSettings(state),
    effect(() => {
      const { picture, viewport } = state;
      if (!state.fit.value || !picture.value || viewport.value.width === 0) return;
      const view = fitted(picture.value, viewport.value);
      batch(() => {
        state.zoom.value = view.zoom;
        state.center.value = view.center;
      });
    }),
  ];
  return { app: { source, state, actions }, dispose: () => ends.forEach((end) => end()) };
}
