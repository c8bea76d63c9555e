/** Asks what is under the pointer, in the scene and on the display. */

import { effect } from "./vendor/ui.js";
import { newest } from "./newest.js";
import { sdevRef } from "./looks.js";

/** @import {App} from "./types.js" */

/** @param {App} app @returns {() => void} stops it */
export function startProbe({ source, state }) {
  const ask = newest(async (/** @type {any} */ request) => {
    try {
      state.probe.value = request && (await source.probe(request));
    } catch {
      state.probe.value = null; // the picture's own line says what is wrong
    }
  });
  return effect(() => {
    const [shown, pointer, area] = [state.shown.value, state.pointer.value, state.area.value];
    const place = area ?? (pointer && { ...pointer, w: 1, h: 1 });
    if (!shown || !place || state.frameError.value) return ask(null);
    ask({
      shot: state.shot.value,
      frame: shown.frame,
      layer: state.layer.value,
      view: state.view.value,
      ...place,
      exposure: state.exposure.value,
      a: sdevRef(state, state.slot.value),
      epoch: state.epoch.value,
    });
  });
}
