/** Waveform, vectorscope and histogram of the picture as shown, whatever part of it is in view. */

import { effect, html, useEffect, useRef } from "../vendor/ui.js";
import { fitted, sizeOf } from "../geometry.js";
import { newest } from "../newest.js";
import { scopes } from "../scopes.js";

/** @import {App, Looking, Source} from "../types.js" */
/** @typedef {ReturnType<typeof scopes>} Drawings */
/** @typedef {(looking: Looking, width: number, height: number) => Promise<Uint8Array | Uint8ClampedArray>} Read */

const WIDTH = 512;
const NAMES = /** @type {const} */ (["waveform", "vectorscope", "histogram"]);
const PAUSE = 80; // ms that scopes wait at least: the picture goes first
const SHARE = 3; // pauses are this much longer than reading and counting: a hand's next picture does not wait for scopes

/** Counts in a worker, or in the page where there is none. @param {Source} source */
function counter(source) {
  const worker = source.scopeWorker();
  return {
    /** @param {Uint8Array | Uint8ClampedArray} pixels @param {number} width @param {number} height @returns {Promise<Drawings>} */
    count(pixels, width, height) {
      if (!worker) return Promise.resolve(scopes(pixels, width, height));
      return new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage({ pixels, width, height });
      });
    },
    end: () => worker?.terminate(),
  };
}

/** The whole picture without marks over it, and its size; null where none is shown. @param {App} app */
function wholePicture({ state }) {
  const header = state.picture.value;
  if (!header || state.frameError.value) return null;
  const [w, h] = sizeOf(header.display);
  const [width, height] = [WIDTH, Math.max(1, Math.round((WIDTH * h) / (w * header.aspect)))];
  const view = fitted(header, { width, height, ratio: 1 });
  const looking = { ...state.looking.value, ...view, false_color: false, clipping: false, markers: false };
  return { looking, width, height };
}

/** @param {{app: App, read: Read}} facts */
export function Scopes({ app, read }) {
  const canvases = NAMES.map(() => useRef(/** @type {HTMLCanvasElement | null} */ (null)));
  useEffect(() => {
    const { state, source } = app;
    const { count, end } = counter(source);
    let pause = PAUSE, timer = 0;
    const update = newest(async () => {
      await new Promise((resolve) => (timer = setTimeout(resolve, pause)));
      timer = 0;
      const start = performance.now(), whole = wholePicture(app);
      try {
        if (whole) paint(await count(await read(whole.looking, whole.width, whole.height), whole.width, whole.height), canvases);
      } catch {
        // no picture: the scopes stay as they are, and the picture's own line says why
      }
      pause = Math.max(PAUSE, SHARE * (performance.now() - start));
    });
    const stop = effect(() => {
      const whole = wholePicture(app);
      state.shown.value;
      state.sdevInfo.value;
      if (whole && !timer) update(undefined); // one that waits takes the newest anyway
    });
    return () => (stop(), clearTimeout(timer), end());
  }, [read]);
  return html`<section class="scopes" aria-label="Scopes">
    ${NAMES.map((name, i) => html`<figure class=${name}><figcaption>${name}</figcaption>
      <div class="well"><canvas ref=${canvases[i]} role="img" aria-label=${`The picture's ${name}`}></canvas>
        ${name === "vectorscope" ? html`<${Graticule} />` : html`<span class="lines" aria-hidden="true">${name === "waveform" && [75, 50, 25].map((share) => html`<span>${share}</span>`)}</span>`}</div></figure>`)}
  </section>`;
}

/** @param {Drawings} drawings @param {{current: HTMLCanvasElement | null}[]} canvases */
function paint(drawings, canvases) {
  NAMES.forEach((name, i) => {
    const canvas = canvases[i].current;
    const { width, height, pixels } = drawings[name];
    if (!canvas) return;
    Object.assign(canvas, { width, height });
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  });
}

/** Circles of chroma, and the line of skin. Source of its angle: the I axis of NTSC, 123 degrees. */
function Graticule() {
  return html`<svg class="graticule" viewBox="-1 -1 2 2" aria-hidden="true">
    <circle r="0.98" /><circle r="0.5" /><path d="M-1 0H1M0 -1V1" /><path class="skin" d="M0 0L-0.534 -0.822" /></svg>`;
}
