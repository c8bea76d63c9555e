/** The shot's frames: which is shown, which are in the server's memory, playback. */

import { html, useEffect, useRef, useState } from "../vendor/ui.js";
import { RATE } from "../player.js";
import { frameNumber } from "../words.js";

/** @import {App} from "../types.js" */

const MOST_LABELS = 10;
const LABEL = 46; // CSS pixels that a frame's number takes
const ICONS = /** @type {Record<string, string>} */ ({
  play: "M3 1.5 13 8 3 14.5z",
  stop: "M3 2h3.5v12H3zM9.5 2H13v12H9.5z",
  back: "M13 2v12L6 8zM3 2h2v12H3z",
  next: "M3 2v12l7-6zM11 2h2v12h-2z",
  first: "M15 2v12L9 8zM9 2v12L3 8zM1 2h1.5v12H1z",
  last: "M1 2v12l6-6zM7 2v12l6-6zM13.5 2H15v12h-1.5z",
  loop: "M3 5h7V2.5L14 6l-4 3.5V7H5v4h6v2H3z",
});

/** @param {{name: string}} facts */
const Icon = ({ name }) => html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${ICONS[name]} /></svg>`;

/** @param {{app: App}} facts */
function Transport({ app: { state, actions } }) {
  const { playing, loop } = state;
  const press = (/** @type {string} */ icon, /** @type {string} */ label, /** @type {string} */ key, /** @type {() => void} */ run) =>
    html`<button aria-label=${label} title=${`${label} (${key})`} onClick=${run}><${Icon} name=${icon} /></button>`;
  return html`<div class="group joined" role="group" aria-label="Playback">
    ${press("first", "First frame", "Home", () => actions.goTo(0))}
    ${press("back", "Frame before", "←", () => actions.step(-1))}
    ${press(playing.value ? "stop" : "play", playing.value ? "Stop" : "Play", "Space", actions.togglePlay)}
    ${press("next", "Next frame", "→", () => actions.step(1))}
    ${press("last", "Last frame", "End", () => actions.goTo(Infinity))}
    <button aria-label="Loop" aria-pressed=${loop.value} title="Loop (O)" onClick=${() => actions.toggle("loop")}><${Icon} name="loop" /></button>
  </div>`;
}

/** Frames at which the scale is labeled: round steps. @param {number} count @param {number} most labels @returns {number[]} */
function ticks(count, most) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000].find((each) => count / each <= most) ?? count;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

/** @param {{app: App}} facts */
function Scale({ app: { state, actions } }) {
  const rail = useRef(/** @type {HTMLElement | null} */ (null));
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    if (rail.current) observer.observe(rail.current);
    return () => observer.disconnect();
  }, []);
  const film = state.film.value;
  const { count } = film;
  const frame = state.frame.value;
  const ranges = state.cached.value[state.shot.value] ?? [];
  const place = (/** @type {number} */ index) => `${(100 * index) / count}%`;
  const seek = (/** @type {PointerEvent} */ event) => {
    if (!rail.current || !(event.buttons & 1)) return;
    const box = rail.current.getBoundingClientRect();
    actions.goTo(Math.floor(((event.clientX - box.left) / box.width) * count));
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const by = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10,
      Home: -Infinity, End: Infinity })[event.key];
    if (!by || event.ctrlKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    actions.goTo(Math.min(Math.max(frame + by, 0), count - 1));
  };
  return html`<div class="rail" ref=${rail} role="slider" tabindex="0" aria-label="Frame" aria-valuemin="1" aria-valuemax=${count}
    aria-valuenow=${frame + 1} aria-valuetext=${`frame ${frameNumber(film, frame) ?? 1}`} onKeyDown=${key}
    onPointerDown=${(/** @type {PointerEvent} */ event) => {
      /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
      seek(event);
    }} onPointerMove=${seek}>
    ${ranges.map(([first, last]) => html`<span class="cached" style=${{ left: place(first), width: place(last + 1 - first) }}></span>`)}
    ${ticks(count, Math.min(MOST_LABELS, Math.max(1, Math.floor(width / LABEL)))).map((index) => html`<span class="tick" style=${{ left: place(index) }}>${frameNumber(film, index)}</span>`)}
    <span class="head" style=${{ left: place(frame), width: `max(3px, ${100 / count}%)` }}></span>
  </div>`;
}

/** A field that takes a frame's number. @param {{app: App}} facts */
function FrameField({ app: { state, actions } }) {
  const film = state.film.value;
  const take = (/** @type {any} */ { target }) => {
    const asked = Number(target.value);
    const all = film.numbers ?? Array.from({ length: film.count }, (_, i) => i + 1);
    if (target.value.trim() !== "" && Number.isFinite(asked)) {
      const near = all.reduce((best, number, i) => (Math.abs(number - asked) < Math.abs(all[best] - asked) ? i : best), 0);
      actions.goTo(near);
    }
    target.value = String(frameNumber(film, state.frame.value));
  };
  return html`<input class="number frame" type="text" inputmode="numeric" autocomplete="off" aria-label="Frame number"
    title=${`Frames ${film.frames}`} value=${frameNumber(film, state.frame.value)} onBlur=${take}
    onFocus=${(/** @type {any} */ event) => event.target.select()}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && /** @type {HTMLElement} */ (event.target).blur()} />`;
}

/** @param {{app: App}} facts */
export function Timeline({ app }) {
  const { state, source } = app;
  const film = state.film.value;
  if (film.count < 2) return null;
  const held = (state.cached.value[state.shot.value] ?? []).reduce((sum, [first, last]) => sum + last + 1 - first, 0);
  const scale = state.playing.value ? state.proxy.value : 1;
  const wide = String(film.count).length;
  return html`<section class="timeline" aria-label="Timeline">
    <${Transport} app=${app} />
    <${FrameField} app=${app} />
    <${Scale} app=${app} />
    <div class="facts">
      <output class="rate" style=${{ width: "8ch" }} title="The shot's rate">${Number((film.rate ?? RATE).toFixed(3))} fps</output>
      <output class=${scale > 1 ? "proxy changed" : "proxy"} style=${{ width: "9ch" }} title="Resolution of playback">${scale > 1 ? `proxy 1/${scale}` : "full"}</output>
      <output class=${`dropped${state.dropped.value ? " changed" : ""}`} style=${{ width: "12ch" }} title="Frames that came too late to be shown">${state.dropped.value} dropped</output>
      <output style=${{ width: `${2 * wide + 8}ch` }} title=${`Frames in the ${source.place}'s memory`}>${held}/${film.count} cached</output>
    </div>
  </section>`;
}
