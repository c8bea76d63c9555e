/** Draws at the server, for browsers without a GPU: whole canvases are fetched. */

import { effect, untracked } from "./vendor/ui.js";
import { VALUES_FROM, fitted } from "./geometry.js";
import { newest } from "./newest.js";
import { ofFrame, wishFor } from "./wish.js";

/** @import {App, FrameHeader, Looking} from "./types.js" */
/** @import {Wish} from "./wish.js" */
/** @typedef {{width: number, height: number, looking: Looking}} Canvas */
/** @typedef {{wish: Wish & Canvas, header: FrameHeader | null, pixels: Uint8ClampedArray<ArrayBuffer>}} Ready */

const TINY = 64; // scale of a frame that is fetched to hear why it cannot be drawn

/** @param {HTMLCanvasElement} canvas @param {App} app @param {PredefinedColorSpace} wanted color space of the canvas */
export function createDrawnPainter(canvas, { source, state }, wanted) {
  const options = { alpha: false, colorSpace: wanted };
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", options));
  const colorSpace = context.getContextAttributes?.().colorSpace ?? "srgb";
  /** @type {{key: string, header: FrameHeader} | null} */
  let known = null;
  /** @type {Ready | null} */
  let last = null;
  let lastRequest = "";

  /** @param {Wish} wish */
  const keyOf = ({ frame, epoch }) => JSON.stringify([{ ...frame, scale: 0 }, epoch]);

  /** Fails where the frame cannot be read. @param {Wish} wish */
  const checked = ({ frame }) => ofFrame(source.frame({ ...frame, scale: TINY }));

  /** The view of a canvas: the whole display window where it is fitted. @param {FrameHeader | null} header @param {Canvas} canvas */
  function viewed(header, { width, height, looking }) {
    const view = header && state.fit.peek() ? fitted(header, { ...state.viewport.peek(), width, height }) : {};
    return { ...looking, ...view };
  }

  /** The body of a draw request. @param {Wish} wish @param {Canvas} canvas */
  function request({ frame, otherFrame, a, b, proxy }, { width, height, looking }) {
    const { shot, frame: index, layer, view } = frame;
    return {
      shot, frame: index, layer, view, a,
      b: b && { ...b, shot: otherFrame?.shot ?? null },
      looking: { ...looking, zoom: looking.zoom / proxy },
      width: Math.ceil(width / proxy),
      height: Math.ceil(height / proxy),
      page: state.page,
    };
  }

  /**
   * A frame that is new brings its header with the picture, which the server fits where the page cannot yet.
   * @param {Wish & Canvas} wish @returns {Promise<Ready>}
   */
  async function prepare(wish) {
    const [isPlaying, key] = [state.playing.peek() && known !== null, keyOf(wish)];
    let header = !isPlaying && known?.key === key ? known.header : null;
    const fit = !isPlaying && !header && state.fit.peek();
    const body = { ...request(wish, { ...wish, looking: viewed(header, wish) }), fit };
    const isSame = !isPlaying && last && JSON.stringify([body, wish.epoch]) === lastRequest;
    const drawn = isSame && last ? last : await source.draw(body).catch(async (fault) => {
      if (!isPlaying && !header) await checked(wish);
      throw fault;
    });
    if (!isPlaying && !header) {
      header = /** @type {FrameHeader} */ (drawn.header);
      known = { key, header };
    }
    const looking = viewed(header, wish);
    const same = { ...request(wish, { ...wish, looking }), fit: false };
    lastRequest = isPlaying ? "" : JSON.stringify([same, wish.epoch]);
    return { wish: { ...wish, looking }, header, pixels: drawn.pixels };
  }

  /** @param {{width: number, height: number}} canvas */
  const size = ({ width, height }) => ({ width, height });

  /** Move the canvas so that an older picture is where the view is now. */
  function place() {
    const [zoom, center, { ratio }] = [state.zoom.value, state.center.value, state.viewport.value];
    if (!last) return;
    const { looking } = last.wish;
    const aspect = state.picture.peek()?.aspect ?? 1;
    const [dx, dy] = [looking.center[0] - center[0], looking.center[1] - center[1]];
    const still = dx === 0 && dy === 0 && looking.zoom === zoom;
    canvas.style.transform = still ? "" :
      `translate(${(dx * zoom * aspect) / ratio}px, ${(dy * zoom) / ratio}px) scale(${zoom / looking.zoom})`;
  }

  /** @param {Ready} ready */
  function show(ready) {
    const fresh = ready.pixels !== last?.pixels;
    last = ready;
    const { wish, pixels } = ready;
    const [width, height] = [Math.ceil(wish.width / wish.proxy), Math.ceil(wish.height / wish.proxy)];
    if (fresh && width > 0 && height > 0) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.putImageData(new ImageData(pixels, width, height, { colorSpace }), 0, 0);
    }
    place();
  }

  /** Values are written into large pixels: their frame is fetched then. */
  const sample = newest(async (/** @type {Wish} */ { frame }) => {
    try {
      state.samples.value = await source.frame({ ...frame, scale: 1 });
    } catch {
      state.samples.value = null; // the picture's own line says why
    }
  });

  const ends = [
    effect(place),
    effect(() => {
      const isClose = state.zoom.value / state.viewport.value.ratio >= VALUES_FROM;
      const frame = state.frame.value;
      if (isClose && !state.playing.value) sample(untracked(() => wishFor(state, frame, Infinity)));
      else state.samples.value = null;
    }),
  ];
  return {
    renderer: `drawn by the ${source.place}`,
    isDrawn: true,
    space: colorSpace,
    /** @param {number} index @returns {Wish & Canvas} */
    wish: (index) => ({
      ...wishFor(state, index, Infinity),
      ...size(state.viewport.value),
      looking: state.looking.value,
    }),
    prepare,
    show,
    release() {},
    /** @param {Ready} ready */
    header: (ready) => ready.header,
    /** @param {Ready} ready */
    bytes: (ready) => ready.pixels.byteLength,
    /** Pixels for scopes. @param {Looking} looking @param {number} width @param {number} height */
    async read(looking, width, height) {
      if (!last) return new Uint8Array(4 * width * height);
      return (await source.draw(request({ ...last.wish, proxy: 1 }, { width, height, looking }))).pixels;
    },
    dispose() {
      for (const end of ends) end();
      canvas.style.transform = "";
    },
  };
}
