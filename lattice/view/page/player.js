/**
 * Playback by the clock: every frame is shown once and in order, or counted as dropped. Frames are asked for ahead of
 * the clock; where too many come late, a coarser proxy is asked for.
 */

import { batch, untracked } from "./vendor/ui.js";

/** @import {State} from "./types.js" */
/** @import {Painter} from "./projector.js" */
/** @typedef {{wish: any, ready?: any, fault?: any}} Answer */

export const RATE = 24; // of shots that name none
const AHEAD = 8; // frames
const MOST_BYTES = 512 * 2 ** 20; // of frames that wait
const FLIGHTS = 2; // requests at a time
const JUDGED = 24; // frames after which playback is judged
const LATE = 0.2; // share of dropped frames above which a proxy is asked for
const COARSEST = 4;

/**
 * What the clock asks for: which of the frames that are ready is due, and how many are dropped for it.
 * Counts are frames since playback began.
 * @param {number} shown the last that was shown @param {number} due by the clock @param {Iterable<number>} ready
 * @returns {{next: number | null, dropped: number}}
 */
export function nextOf(shown, due, ready) {
  let next = null;
  for (const count of ready) if (count > shown && count <= due && (next === null || count > next)) next = count;
  return { next, dropped: next === null ? 0 : next - shown - 1 };
}

/**
 * Play from the present frame until told to stop.
 * @param {State} state @param {Painter} painter
 * @param {{show: (ready: any, frame: number) => void, fail: (fault: any, wish: any) => void}} screen
 * @returns {() => void} what stops it
 */
export function play(state, painter, screen) {
  return untracked(() => {
    const player = new Player(state, painter, screen);
    player.run();
    return () => player.stop();
  });
}

class Player {
  /** @param {State} state @param {Painter} painter @param {Parameters<typeof play>[2]} screen */
  constructor(state, painter, screen) {
    this.state = state;
    this.painter = painter;
    this.screen = screen;
    this.frames = state.film.peek().count;
    const isEnd = !state.loop.peek() && state.frame.peek() === this.frames - 1;
    this.base = isEnd ? 0 : state.frame.peek();
    this.rate = state.film.peek().rate ?? RATE;
    this.began = performance.now();
    this.shown = 0; // counts from the frame that playback began at
    this.asked = 0;
    this.flights = 0;
    this.judged = { from: 0, dropped: 0 };
    /** @type {Map<number, Answer>} */
    this.waiting = new Map();
    this.tick = 0;
    this.over = false;
    this.hiddenAt = 0;
    document.addEventListener("visibilitychange", this.sleep);
    state.dropped.value = 0;
    state.proxy.value = 1;
  }

  /** @param {number} count */
  indexOf(count) {
    return (this.base + count) % this.frames;
  }

  /** The clock stands still while nobody can look. */
  sleep = () => {
    if (document.hidden) this.hiddenAt = performance.now();
    else if (this.hiddenAt) this.began += performance.now() - this.hiddenAt;
  };

  /** The count that playback ends with. */
  get last() {
    return this.state.loop.peek() ? Infinity : this.frames - 1 - this.base;
  }

  run() {
    if (this.over) return;
    const now = performance.now();
    const due = Math.floor(((now - this.began) * this.rate) / 1000);
    this.#present(due);
    this.#judge(due);
    this.#askAhead(due);
    this.tick = requestAnimationFrame(() => this.run());
  }

  /** @param {number} due */
  #present(due) {
    const { next, dropped } = nextOf(this.shown, due, this.waiting.keys());
    if (next === null) return;
    const { wish, ready, fault } = /** @type {Answer} */ (this.waiting.get(next));
    for (const [count, each] of this.waiting) {
      if (count > next) continue;
      this.waiting.delete(count);
      if (count < next && each.ready) this.painter.release(each.ready);
    }
    this.shown = next;
    batch(() => {
      this.state.dropped.value += dropped;
      if (fault) this.screen.fail(fault, wish);
      else this.screen.show(ready, this.indexOf(next));
    });
    if (next === this.last) this.state.playing.value = false;
  }

  /** Fall back to a proxy where too many frames came late. @param {number} due */
  #judge(due) {
    if (due - this.judged.from < JUDGED) return;
    const lost = this.state.dropped.peek() - this.judged.dropped;
    const late = lost > LATE * (due - this.judged.from) || due - this.shown > JUDGED / 2;
    this.judged = { from: due, dropped: this.state.dropped.peek() };
    if (late && this.state.proxy.peek() < COARSEST) this.state.proxy.value *= 2;
  }

  /** @param {number} due */
  #askAhead(due) {
    for (;;) {
      const count = Math.max(this.asked + 1, Math.min(due, this.last));
      const each = Math.max(1, ...[...this.waiting.values()].map(({ ready }) => (ready ? this.painter.bytes(ready) : 0)));
      const depth = Math.max(1, Math.min(AHEAD, Math.floor(MOST_BYTES / each)));
      if (count > due + depth || count > this.last || this.flights >= FLIGHTS) return;
      this.asked = count;
      this.#prepare(count);
    }
  }

  /** @param {number} count */
  async #prepare(count) {
    this.flights += 1;
    /** @type {Answer} */
    let answer;
    const wish = this.painter.wish(this.indexOf(count));
    try {
      answer = { wish, ready: await this.painter.prepare(wish) };
    } catch (fault) {
      answer = { wish, fault };
    }
    this.flights -= 1;
    if (!this.over && count > this.shown) this.waiting.set(count, answer);
    else if (answer.ready) this.painter.release(answer.ready);
  }

  stop() {
    this.over = true;
    cancelAnimationFrame(this.tick);
    document.removeEventListener("visibilitychange", this.sleep);
    for (const { ready } of this.waiting.values()) if (ready) this.painter.release(ready);
    this.waiting.clear();
  }
}
