/** Which picture the page wants to show, as plain values. */

import { scaleFor, scaleWithin } from "./geometry.js";
import { sdevRef } from "./looks.js";

/** @import {App, FrameRef, Looking, SdevRef, State, Viewport} from "./types.js" */

/**
 * @typedef {Object} Wish
 * @property {FrameRef} frame
 * @property {FrameRef | null} otherFrame where side B is another shot's
 * @property {SdevRef} a
 * @property {SdevRef | null} b null: side A alone
 * @property {number} proxy power of 2 by which playback is coarser
 * @property {number} epoch
 */

const FIRST = 4; // scale of the very first frame: a proxy comes soonest

/**
 * The wish for a frame of the shown shot. Reads signals.
 * @param {State} state @param {number} index @param {number} most samples along a side
 * @returns {Wish}
 */
export function wishFor(state, index, most) {
  const header = state.picture.value;
  const proxy = state.playing.value ? state.proxy.value : 1;
  const least = scaleWithin(header, most);
  const fine = header ? scaleFor(state.zoom.value) : FIRST;
  const scale = Math.max(fine * proxy, least);
  state.limited.value = least > fine;
  const frame = { shot: state.shot.value, frame: index, layer: state.layer.value, view: state.view.value, scale };
  const isBoth = state.mode.value !== "single";
  return {
    frame,
    otherFrame: isBoth ? otherFrame(state, frame) : null,
    a: sdevRef(state, state.slot.value),
    b: isBoth ? sdevRef(state, state.other.value) : null,
    proxy,
    epoch: state.epoch.value,
  };
}

/**
 * Mark a fault of a frame as one, whose line is shown in the picture's place.
 * @template T @param {Promise<T>} asked @returns {Promise<T>}
 */
export function ofFrame(asked) {
  return asked.catch((fault) => {
    throw Object.assign(fault, { isOfFrame: true });
  });
}

/** @param {State} state @param {FrameRef} frame @returns {FrameRef | null} */
function otherFrame(state, frame) {
  const shot = state.otherShot.value;
  const film = shot === null ? undefined : state.session.value.shots[shot];
  if (shot === null || !film) return null;
  const index = Math.min(frame.frame, film.count - 1);
  return { ...frame, shot, frame: index, layer: film.layers[0]?.name ?? "", view: film.views[0] ?? "" };
}
