/** One table of keys: what they do, and what the help says. No key has two meanings. */

import { CHANNEL_NAMES } from "./words.js";

/** @import {App} from "./types.js" */
/** @typedef {{keys: string[], group: string, says: string, run: (app: App, page: PageKeys) => void}} Key */

/**
 * What keys ask of the page's parts.
 * @typedef {{focus: (name: "exposure" | "gamma") => void, savePicture: () => void,
 *   close: () => void}} PageKeys
 */

const ZOOM_STEP = Math.SQRT2;
const QUARTER = 0.25; // stop
const PAN = 0.1; // of the canvas
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** @param {App} app @param {number} dx @param {number} dy in canvases */
function pan({ state, actions }, dx, dy) {
  const { width, height } = state.viewport.value;
  actions.pan(dx * width, dy * height);
}

/** Move the probe by a picture pixel; it starts in the middle of the view. @param {App} app @param {number} dx @param {number} dy */
function moveProbe({ state }, dx, dy) {
  const at = state.pointer.value ?? { x: Math.floor(state.center.value[0]), y: Math.floor(state.center.value[1]) };
  state.area.value = null;
  state.pointer.value = { x: at.x + dx, y: at.y + dy };
}

/** @type {Key[]} */
const LOOKS = [
  ...DIGITS.map((slot) => ({
    keys: [String(slot)], group: "Looks", says: `Show slot ${slot}`,
    run: (/** @type {App} */ { actions }) => actions.setSlot(slot),
  })),
  { keys: ["0"], group: "Looks", says: "Show no look", run: ({ actions }) => actions.setSlot(0) },
  ...DIGITS.map((slot) => ({
    keys: [`Shift+${slot}`], group: "Looks", says: `Put slot ${slot} on side B`,
    run: (/** @type {App} */ { actions }) => actions.setOther(slot),
  })),
  { keys: ["Shift+0"], group: "Looks", says: "Put no look on side B", run: ({ actions }) => actions.setOther(0) },
  { keys: ["T"], group: "Looks", says: "Exchange A and B", run: ({ actions }) => actions.swap() },
  { keys: ["W", "F6"], group: "Looks", says: "Wipe between A and B", run: ({ actions }) => actions.toggleMode("wipe") },
  { keys: ["D"], group: "Looks", says: "Difference of A and B", run: ({ actions }) => actions.toggleMode("difference") },
];

/** @type {Key[]} */
const LOOKING = [
  { keys: ["E"], group: "Looking", says: "Type an exposure", run: (_, { focus }) => focus("exposure") },
  {
    keys: ["Ctrl+ArrowUp"], group: "Looking", says: "Exposure up a quarter stop",
    run: ({ state, actions }) => actions.setExposure(state.exposure.value + QUARTER),
  },
  {
    keys: ["Ctrl+ArrowDown"], group: "Looking", says: "Exposure down a quarter stop",
    run: ({ state, actions }) => actions.setExposure(state.exposure.value - QUARTER),
  },
  { keys: ["Y"], group: "Looking", says: "Type a gamma", run: (_, { focus }) => focus("gamma") },
  ...CHANNEL_NAMES.map(({ channel, key, says }) => ({
    keys: [key], group: "Looking", says,
    run: (/** @type {App} */ { actions }) => actions.toggleChannel(channel),
  })),
  { keys: ["X"], group: "Looking", says: "False color, in stops from gray", run: ({ actions }) => actions.toggle("falseColor") },
  { keys: ["Z"], group: "Looking", says: "Mark clipped codes", run: ({ actions }) => actions.toggle("clipping") },
  { keys: ["N"], group: "Looking", says: "Mark NaN, infinity, negative", run: ({ actions }) => actions.toggle("markers") },
  { keys: ["Ctrl+Home"], group: "Looking", says: "Reset exposure to markers", run: ({ actions }) => actions.reset() },
];

/** @type {Key[]} */
const VIEW = [
  { keys: ["F", "Ctrl+0"], group: "View", says: "Fit the picture", run: ({ actions }) => actions.fitView() },
  { keys: ["Ctrl+1"], group: "View", says: "One to one", run: ({ actions }) => actions.zoomTo(1) },
  { keys: ["+", "="], group: "View", says: "Zoom in", run: ({ state, actions }) => actions.zoomTo(state.zoom.value * ZOOM_STEP) },
  { keys: ["-"], group: "View", says: "Zoom out", run: ({ state, actions }) => actions.zoomTo(state.zoom.value / ZOOM_STEP) },
  { keys: ["Alt+ArrowLeft"], group: "View", says: "Look further left", run: (app) => pan(app, PAN, 0) },
  { keys: ["Alt+ArrowRight"], group: "View", says: "Look further right", run: (app) => pan(app, -PAN, 0) },
  { keys: ["Alt+ArrowUp"], group: "View", says: "Look further up", run: (app) => pan(app, 0, PAN) },
  { keys: ["Alt+ArrowDown"], group: "View", says: "Look further down", run: (app) => pan(app, 0, -PAN) },
  { keys: ["Shift+ArrowLeft"], group: "View", says: "Probe one pixel left", run: (app) => moveProbe(app, -1, 0) },
  { keys: ["Shift+ArrowRight"], group: "View", says: "Probe one pixel right", run: (app) => moveProbe(app, 1, 0) },
  { keys: ["Shift+ArrowUp"], group: "View", says: "Probe one pixel up", run: (app) => moveProbe(app, 0, -1) },
  { keys: ["Shift+ArrowDown"], group: "View", says: "Probe one pixel down", run: (app) => moveProbe(app, 0, 1) },
];

/** @type {Key[]} */
const FRAMES = [
  { keys: ["Space"], group: "Frames", says: "Play or stop", run: ({ actions }) => actions.togglePlay() },
  { keys: ["ArrowRight"], group: "Frames", says: "Next frame", run: ({ actions }) => actions.step(1) },
  { keys: ["ArrowLeft"], group: "Frames", says: "Frame before", run: ({ actions }) => actions.step(-1) },
  { keys: ["Home"], group: "Frames", says: "First frame", run: ({ actions }) => actions.goTo(0) },
  { keys: ["End"], group: "Frames", says: "Last frame", run: ({ actions }) => actions.goTo(Infinity) },
  { keys: ["O"], group: "Frames", says: "Loop, or stop at the end", run: ({ actions }) => actions.toggle("loop") },
  { keys: ["PageDown"], group: "Frames", says: "Next layer", run: ({ actions }) => actions.stepLayer(1) },
  { keys: ["PageUp"], group: "Frames", says: "Layer before", run: ({ actions }) => actions.stepLayer(-1) },
  { keys: ["]"], group: "Frames", says: "Next shot", run: ({ state, actions }) => actions.setShot(state.shot.value + 1) },
  { keys: ["["], group: "Frames", says: "Shot before", run: ({ state, actions }) => actions.setShot(state.shot.value - 1) },
];

/** @type {Key[]} */
const PAGE = [
  { keys: ["\\"], group: "Page", says: "Look and scopes beside the picture", run: ({ actions }) => actions.toggle("panel") },
  { keys: ["V"], group: "Page", says: "Scopes under the look", run: ({ actions }) => actions.toggleScopes() },
  { keys: ["I"], group: "Page", says: "About the picture", run: ({ actions }) => actions.toggle("info") },
  { keys: ["S"], group: "Page", says: "Save the view as PNG", run: (_, { savePicture }) => savePicture() },
  { keys: ["Ctrl+Z"], group: "Page", says: "Undo an edit of the look", run: ({ actions }) => actions.undo() },
  { keys: ["Ctrl+Shift+Z"], group: "Page", says: "Do it again", run: ({ actions }) => actions.redo() },
  { keys: ["?"], group: "Page", says: "These keys", run: ({ actions }) => actions.toggle("help") },
  { keys: ["Escape"], group: "Page", says: "Close what is open", run: (_, { close }) => close() },
];

export const KEYS = [...LOOKS, ...LOOKING, ...VIEW, ...FRAMES, ...PAGE];
const BY_NAME = new Map(KEYS.flatMap((key) => key.keys.map((name) => [name, key])));

/** The name that the table has for a key event. @param {KeyboardEvent} event */
export function nameOf(event) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const plain = digit ?? (event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const isSign = plain.length === 1 && !/[A-Z0-9]/.test(plain); // Shift made the sign
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey && !isSign ? "Shift" : ""];
  return [...held, plain].filter(Boolean).join("+");
}

const TYPED = "input:not([type=range]), textarea, select";
const MOVED = "input[type=range], [role=slider], [role=separator], [role=menu] *, [role=tab], select";
const PRESSED = "button, summary, a[href]"; // no slider: a press on the timeline, then Space, plays

/** Whether an element takes a key for itself. @param {Element} element @param {string} name */
function takes(element, name) {
  if (element.matches("[data-settled=true]") && /^Ctrl\+(Shift\+)?Z$/.test(name)) return false;
  if (element.matches(TYPED)) return !(name.startsWith("Ctrl+") && name.includes("Arrow")) && name !== "Escape";
  if (element.matches(MOVED) && /^(Shift\+)?(Arrow|Home|End|Page|Tab)/.test(name)) return true;
  return element.matches(PRESSED) && (name === "Space" || name === "Enter");
}

/**
 * Hear keys. @param {EventTarget} target @param {App} app @param {PageKeys} page @returns {() => void} stops it
 */
export function listenToKeys(target, app, page) {
  const hear = (/** @type {Event} */ event) => {
    const pressed = /** @type {KeyboardEvent} */ (event);
    const name = nameOf(pressed);
    const key = BY_NAME.get(name);
    const from = event.composedPath()[0];
    if (!key || event.defaultPrevented || (from instanceof Element && takes(from, name))) return;
    event.preventDefault();
    key.run(app, page);
  };
  target.addEventListener("keydown", hear);
  return () => target.removeEventListener("keydown", hear);
}

const SHORT = /** @type {Record<string, string>} */ ({
  ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", PageUp: "PgUp", PageDown: "PgDn", Escape: "Esc",
});

/** A key as people read it. @param {string} name */
export const shown = (name) => name.split(/\+(?=.)/).map((part) => SHORT[part] ?? part).join(" ");

/** Rows of the help by group; the nine keys of the slots are one row. @returns {[string, {keys: string, says: string}[]][]} */
export function helpRows() {
  /** @type {Map<string, {keys: string, says: string}[]>} */
  const groups = new Map();
  for (const { keys, group, says } of KEYS) {
    const digit = /([1-9])$/.exec(keys[0])?.[1];
    const isSlot = group === "Looks" && digit;
    if (isSlot && digit !== "1") continue;
    const row = isSlot
      ? { keys: `${shown(keys[0])}–9`, says: says.replace("slot 1", "a slot") }
      : { keys: keys.map(shown).join(", "), says };
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return [...groups];
}
