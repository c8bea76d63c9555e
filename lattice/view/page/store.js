/** The page's state, in one place, and everything that changes it. */

import { batch, computed, effect, signal } from "./vendor/ui.js";
import { createActions } from "./actions.js";
import { fitted } from "./geometry.js";
import { NEUTRAL, keepSettings } from "./settings.js";

/** @import {App, Area, FrameHeader, Looking, Probe, Session, Shot, Source, Viewport} from "./types.js" */

/** @param {Session} session */
export function createState(session) {
  const first = session.author?.slot || (session.slots[0] ? 1 : 0);
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
    slot: signal(/** @type {number} */ (first)),
    other: signal(/** @type {number} */ (first === 2 && session.slots[0] ? 1 : session.slots[1] && first !== 2 ? 2 : 0)),
    space: signal(/** @type {PredefinedColorSpace} */ ("srgb")), // of the canvas
    canvas: signal(/** @type {import("./types.js").Canvas} */ ("srgb")), // that SDevs are for
    edits: signal(/** @type {Record<string, import("./edits.js").Edits>} */ ({})),
    saved: signal(/** @type {Record<string, import("./types.js").Changes>} */ ({})), // slots' edits in the browser's downloads
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
    drawn: signal(/** @type {boolean} */ (false)), // by the source
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
    scopes: signal(/** @type {boolean} */ (true)), // beside the picture too
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
 * State and actions of a session, with the settings that the browser kept.
 * @param {Source} source @param {Session} session @param {boolean} [keeps] false: neither read nor written
 * @returns {{app: App, dispose: () => void}}
 */
export function createStore(source, session, keeps = true) {
  const state = createState(session);
  const actions = createActions(source, state);
  const ends = [
    keeps ? keepSettings(state) : () => {},
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
