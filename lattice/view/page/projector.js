/** Brings the wished frame onto the canvas: at once while still, by the player's clock while playing. */

import { batch, effect } from "./vendor/ui.js";
import { newest } from "./newest.js";
import { play } from "./player.js";

/** @import {App} from "./types.js" */

/**
 * What draws: in the page or at the server.
 * @typedef {Object} Painter
 * @property {string} renderer
 * @property {boolean} isDrawn by the source
 * @property {PredefinedColorSpace} space of the canvas
 * @property {(index: number) => any} wish reads signals
 * @property {(wish: any) => Promise<any>} prepare
 * @property {(ready: any) => void} show
 * @property {(ready: any) => void} release
 * @property {(ready: any) => import("./types.js").FrameHeader | null} header
 * @property {(ready: any) => number} bytes
 * @property {(looking: any, width: number, height: number) => Promise<Uint8Array | Uint8ClampedArray>} read
 * @property {() => void} dispose
 */

const OVERTAKEN = 409; // a newer request of this page took its place

/**
 * @param {App} app @param {Painter} painter
 * @param {(frame: number) => void} onFrame hears of every frame that is shown
 */
export function createProjector({ state }, painter, onFrame) {
  /** @param {any} ready @param {number} frame */
  function show(ready, frame) {
    painter.show(ready);
    batch(() => {
      state.shown.value = { frame, scale: ready.wish.proxy };
      state.frameError.value = null;
      const header = painter.header(ready);
      if (header) state.picture.value = header;
      if (state.playing.peek()) state.frame.value = frame;
    });
    onFrame(frame);
  }

  /** @param {any} fault @param {any} wish */
  function fail(fault, wish) {
    if (!fault.errors) throw fault;
    if (fault.status === 0 || fault.status === OVERTAKEN) return;
    const frame = wish.frame.frame;
    if (!fault.isOfFrame && !state.playing.peek()) {
      const isEdited = wish.a.changes || wish.b?.changes; // the panel says it beside its field
      if (!isEdited) state.message.value = { text: fault.message, fault: true };
      return;
    }
    batch(() => {
      state.frameError.value = fault.message;
      state.shown.value = { frame, scale: 1 };
      if (state.playing.peek()) state.frame.value = frame;
    });
    onFrame(frame);
  }

  const ask = newest(async (/** @type {any} */ wish) => {
    try {
      const ready = await painter.prepare(wish);
      if (state.playing.peek()) painter.release(ready);
      else show(ready, wish.frame.frame);
    } catch (fault) {
      fail(fault, wish);
    }
  });

  let asked = ""; // an edit that ends where it was asks for nothing new
  const ends = [
    effect(() => {
      if (state.playing.value) asked = "";
      if (state.playing.value || state.viewport.value.width === 0) return;
      const wish = painter.wish(state.frame.value), key = JSON.stringify(wish);
      if (key !== asked) ask(wish);
      asked = key;
    }),
    effect(() => {
      if (state.playing.value) return play(state, painter, { show, fail });
    }),
  ];
  state.renderer.value = painter.renderer;
  state.drawn.value = painter.isDrawn;
  return { dispose: () => ends.forEach((end) => end()) };
}
