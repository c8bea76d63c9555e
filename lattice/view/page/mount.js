/** Puts the viewer into an element. Everything hangs on the element and on the source of data. */

import { html, render } from "./vendor/ui.js";
import { createDevices } from "./devices.js";
import { createDrawnPainter } from "./drawn.js";
import { download } from "./edits.js";
import { createGlPainter } from "./gl.js";
import { listenToKeys } from "./keys.js";
import { createProjector } from "./projector.js";
import { startProbe } from "./probe.js";
import { seenThrough } from "./looks.js";
import { createStore } from "./store.js";
import { frameNumber } from "./words.js";
import { Help } from "./panels/help.js";
import { Side } from "./panels/side.js";
import { Status } from "./panels/status.js";
import { Timeline } from "./panels/timeline.js";
import { TopBar } from "./panels/topbar.js";
import { Viewer } from "./panels/viewer.js";

/** @import {App, Session, Source} from "./types.js" */
/** @import {Painter} from "./projector.js" */

/** @typedef {"auto" | "gl" | "server"} How who draws: auto takes WebGL2 where a GPU is behind it */
/**
 * isPart: of a larger page, whose keys, wheel and storage are left alone; else the viewer is the whole page.
 * @typedef {{draw?: How, isPart?: boolean}} Options
 */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
/** What to say when the source is gone, by its reason. */
const GONE = /** @type {Record<string, string>} */ ({
  silent: "The server does not answer. The page goes on by itself when it is back.",
  restarted: "The server was started anew: open the address that it printed.",
  busy: "The notebook's kernel does not answer: it runs a cell, or it has ended. The viewer goes on by itself.",
});

/** Whether a GPU is behind WebGL2 here. */
function hasGpu() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const about = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(about ? about.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(renderer);
}

/**
 * Display P3 where the monitor is said to show it. Codes that nobody can convert, of graded frames and of SDevs for an
 * unknown display, are taken for sRGB: then the canvas is.
 * @param {Session} session @returns {PredefinedColorSpace}
 */
function widest({ shots, slots }) {
  const areKnown = shots.every(({ graded }) => !graded) && slots.every((slot) => slot?.display_is_known ?? true);
  return areKnown && matchMedia("(color-gamut: p3)").matches ? "display-p3" : "srgb";
}

/**
 * @param {HTMLElement} screen @param {App} app @param {import("./devices.js").Devices} devices @param {boolean} isGl
 * @param {PredefinedColorSpace} space
 * @returns {Promise<{painter: Painter, canvas: HTMLCanvasElement}>}
 */
async function createPainter(screen, app, devices, isGl, space) {
  const fresh = () => {
    const canvas = document.createElement("canvas");
    screen.replaceChildren(canvas);
    return canvas;
  };
  if (isGl) {
    try {
      const canvas = fresh();
      return { canvas, painter: createGlPainter(canvas, app, devices, await app.source.shaderText(), space) };
    } catch (fault) {
      app.actions.say(`WebGL2 fails, the ${app.source.place} draws: ${/** @type {Error} */ (fault).message.split("\n")[0]}`, true);
    }
  }
  const canvas = fresh();
  return { canvas, painter: createDrawnPainter(canvas, app, space) };
}

/** @param {App} app @returns {() => void} stops it */
function followServer({ source, state }) {
  return source.onEvents(async (event) => {
    if (event.kind === "gone") state.gone.value = GONE[event.reason];
    if (event.kind === "cached") state.cached.value = event.cached;
    if (event.kind !== "beat" || !state.gone.peek()) return;
    state.gone.value = null;
    state.epoch.value += 1;
  });
}

/** A new sheet for each text. @param {ShadowRoot} root @param {string[]} texts */
function dress(root, texts) {
  root.adoptedStyleSheets = texts.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

/**
 * Save what the canvas shows.
 * @param {App} app @param {HTMLCanvasElement} canvas
 */
function savePicture({ state, actions }, canvas) {
  const film = state.film.peek();
  const number = frameNumber(film, state.frame.peek());
  const name = [film.name, number, seenThrough(state, "a")].filter((part) => part !== null).join(".").replace(/[^\w.-]+/g, "_");
  canvas.toBlob((file) => {
    if (!file) return;
    download(file, `${name}.png`);
    actions.say(`saved ${name}.png`);
  });
}

/** Ask before a page with edits that are not saved is left. @param {App} app @returns {() => void} stops it */
function keepEdits({ state }) {
  const asked = (/** @type {BeforeUnloadEvent} */ event) => {
    const saved = state.saved.peek(), edits = Object.entries(state.edits.peek());
    if (edits.some(([slot, { changes }]) => Object.keys(changes).length > 0 && changes !== saved[slot])) event.preventDefault();
  };
  addEventListener("beforeunload", asked);
  return () => removeEventListener("beforeunload", asked);
}

/** @param {ShadowRoot} root @param {string} id */
function focusOn(root, id) {
  /** @type {HTMLElement | null} */ (root.getElementById(id))?.focus();
}

/** A press on a button leaves the focus where it is, so that keys go on as before. @param {Event} event */
function keepFocus(event) {
  const target = event.composedPath()[0];
  if (target instanceof Element && target.closest("button") && !target.closest("[role=menu], [role=tablist], dialog")) event.preventDefault();
}

/**
 * Show the viewer in an element. It tells of each frame that it shows by a "frame" event whose detail is its index.
 * @param {HTMLElement} element @param {Source} source @param {Options} [options]
 * @returns {Promise<{app: App, unmount: () => void}>}
 */
export async function mount(element, source, options = {}) {
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const answers = Promise.all([source.session(), source.styles()]);
  const isGl = options.draw === "gl" || (options.draw !== "server" && hasGpu()); // takes as long as the answers
  const [session, styles] = await answers;
  dress(root, styles);
  const { app, dispose } = createStore(source, session, !options.isPart);
  app.state.scopes.value &&= !options.isPart; // a cell is low
  const devices = createDevices(app);
  const screen = document.createElement("div");
  screen.className = "screen";
  const { painter, canvas } = await createPainter(screen, app, devices, isGl, widest(session));
  app.state.space.value = app.state.canvas.value = painter.space;
  const page = {
    isPart: options.isPart ?? false,
    focus: (/** @type {string} */ name) => focusOn(root, name),
    savePicture: () => savePicture(app, canvas),
    close: () => closeOne(app),
  };
  render(html`<${Page} app=${app} page=${page} screen=${screen} read=${painter.read} />`, root);
  root.addEventListener("mousedown", keepFocus);
  const told = (/** @type {number} */ frame) => element.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  const projector = createProjector(app, painter, told);
  const ends = [startProbe(app), followServer(app), listenToKeys(options.isPart ? element : document, app, page)];
  if (!options.isPart) ends.push(keepEdits(app));
  const unmount = () => {
    for (const end of ends) end();
    root.removeEventListener("mousedown", keepFocus);
    projector.dispose();
    painter.dispose();
    devices.dispose();
    dispose();
    render(null, root);
  };
  return { app, unmount };
}

/** Escape: the innermost thing that is open. @param {App} app */
function closeOne({ state, actions }) {
  if (state.help.value) actions.toggle("help");
  else if (state.area.value) state.area.value = null;
  else if (state.message.value) actions.say(null);
  else if (state.info.value) actions.toggle("info");
}

/** @param {{app: App, page: any, screen: HTMLElement, read: Painter["read"]}} facts */
function Page({ app, page, screen, read }) {
  const { panel, panelWidth, help } = app.state;
  const columns = panel.value ? `minmax(0, 1fr) min(${panelWidth.value}px, 62%)` : "minmax(0, 1fr)";
  return html`<div class="page" style=${{ gridTemplateColumns: columns }}>
    <${TopBar} app=${app} page=${page} />
    <${Viewer} app=${app} screen=${screen} isPart=${page.isPart} />
    ${panel.value && html`<${Side} app=${app} read=${read} />`}
    <div class="foot"><${Status} app=${app} /><${Timeline} app=${app} /></div>
    ${help.value && html`<${Help} app=${app} />`}
  </div>`;
}
