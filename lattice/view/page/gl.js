/** Draws in the page, by WebGL2: frames and SDevs are fetched, looking is free. */

import { effect } from "./vendor/ui.js";
import { Screen } from "./picture.js";
import { ofFrame, wishFor } from "./wish.js";

/** @import {App, FrameData, FrameRef, Looking, SdevData} from "./types.js" */
/** @import {Wish} from "./wish.js" */
/** @typedef {{frame: FrameData | null, key: string, device: SdevData | null}} Side */
/** @typedef {{wish: Wish, a: Side, b: Side | null}} Ready */

const POOL = 12; // buffers that wait to be filled again

/**
 * A painter by WebGL2. Throws where there is none.
 * @param {HTMLCanvasElement} canvas @param {App} app @param {import("./devices.js").Devices} devices
 * @param {string} text of the shader @param {PredefinedColorSpace} wanted color space of the canvas
 */
export function createGlPainter(canvas, { source, state }, devices, text, wanted) {
  const screen = new Screen(canvas, text, state.session.peek().constants, wanted);
  /** @type {ArrayBuffer[]} */
  const pool = [];
  /** @type {Ready | null} */
  let shown = null;
  let asked = 0;

  /** @param {FrameRef} ref @param {Side | null | undefined} old @param {Wish} wish @returns {Promise<Side>} */
  async function side(ref, old, wish, /** @type {Wish["a"]} */ sdev) {
    const key = JSON.stringify([ref, wish.epoch]);
    const frame = old?.key === key && old.frame ? old.frame : await ofFrame(source.frame(ref, pool.pop()));
    const device = frame.header.raw ? null : await devices.get(sdev, frame.header.input);
    return { frame, key, device };
  }

  /** @param {Wish} wish @returns {Promise<Ready>} */
  async function prepare(wish) {
    const [a, b] = await Promise.all([
      side(wish.frame, shown?.a, wish, wish.a),
      wish.b && wish.otherFrame ? side(wish.otherFrame, shown?.b, wish, wish.b) : null,
    ]);
    if (b || !wish.b) return { wish, a, b };
    const device = a.frame?.header.raw ? null : await devices.get(wish.b, a.frame?.header.input ?? 0);
    return { wish, a, b: { frame: null, key: "", device } };
  }

  /** Upload what changed of a side. @param {"a" | "b"} name @param {Side | null} next @param {Side | null | undefined} old */
  function put(name, next, old) {
    if (next?.frame && next.frame !== old?.frame) {
      screen.setPicture(name, next.frame.header, next.frame.buffer, next.frame.offset);
    }
    if (!next?.frame && old?.frame) screen.setPicture(name, null);
    if (next?.device && next.device !== old?.device) screen.setDevice(name, next.device);
    if (old?.frame && old.frame !== next?.frame && pool.length < POOL) pool.push(old.frame.buffer);
  }

  function draw() {
    cancelAnimationFrame(asked);
    const { width, height } = state.viewport.peek();
    if (width === 0 || !shown) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    screen.draw(state.looking.peek());
  }

  /** @param {Ready} ready */
  function show(ready) {
    const old = shown;
    shown = ready;
    state.samples.value = ready.a.frame;
    put("a", ready.a, old?.a);
    put("b", ready.b, old?.b);
    draw();
  }

  screen.onRestored(() => {
    const last = shown;
    shown = null;
    if (last) show(last);
  });
  const end = effect(() => {
    state.looking.value;
    state.viewport.value;
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(draw);
  });

  return {
    renderer: screen.renderer,
    isDrawn: false,
    space: screen.space,
    /** @param {number} index */
    wish: (index) => wishFor(state, index, screen.maxSize),
    prepare,
    show,
    /** @param {Ready} ready that is not shown */
    release({ a }) {
      if (a.frame && a.frame !== shown?.a.frame && pool.length < POOL) pool.push(a.frame.buffer);
    },
    /** @param {Ready} ready */
    header: (ready) => ready.a.frame?.header ?? null,
    /** @param {Ready} ready bytes in memory */
    bytes: (ready) => ready.a.frame?.buffer.byteLength ?? 0,
    /** Pixels for scopes. @param {Looking} looking @param {number} width @param {number} height */
    read: async (looking, width, height) => screen.read(looking, width, height).pixels,
    dispose() {
      end();
      screen.dispose();
    },
  };
}
