/** The page's data over HTTP, from the server that `lattice view` starts. */

import { unframed, unpacked } from "./device.js";

/** @import {Event, FrameRef, Session, Source} from "./types.js" */
/** @import {Answer} from "./frames.worker.js" */

const STYLES = ["page.css", "author.css"];
const SILENCE = 4000; // ms without a beat, of which the server sends one a second
const RETRY = 1500; // ms

/** An answer that is no data. errors: the fields that it is about, where it says so. */
export class SourceError extends Error {
  /** @param {number} status 0: no answer @param {{field: string, message: string}[]} errors */
  constructor(status, errors) {
    super(errors.map(({ message }) => message).join("; "));
    this.status = status;
    this.errors = errors;
  }
}

/** @param {number} status @param {string} text @returns {SourceError} */
function refusal(status, text) {
  try {
    const { errors } = JSON.parse(text);
    if (Array.isArray(errors)) return new SourceError(status, errors);
  } catch {
    // not JSON: the text itself is the message
  }
  return new SourceError(status, [{ field: "", message: text.trim().slice(0, 200) || `the server answers ${status}` }]);
}

/** @param {URL} base @returns {(path: string, body?: any, into?: ArrayBuffer) => Promise<Answer>} */
function fetcher(base) {
  const worker = new Worker(new URL("frames.worker.js", import.meta.url), { type: "module" });
  /** @type {Map<number, {resolve: (answer: Answer) => void, reject: (fault: SourceError) => void}>} */
  const waiting = new Map();
  let last = 0;
  worker.addEventListener("message", ({ data }) => {
    const order = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.status === 200) order?.resolve(data);
    else if (data.status === 0) order?.reject(new SourceError(0, [{ field: "", message: "the server does not answer" }]));
    else order?.reject(refusal(data.status, new TextDecoder().decode(new Uint8Array(data.buffer, 0, data.length))));
  });
  return (path, body, into) => new Promise((resolve, reject) => {
    const id = ++last;
    waiting.set(id, { resolve, reject });
    const order = { id, url: new URL(path, base).href, body: body && JSON.stringify(body), buffer: into };
    worker.postMessage(order, into ? [into] : []);
  });
}

/** @param {URL} base @returns {(path: string, body?: any) => Promise<Response>} */
const asker = (base) => async (path, body) => {
  /** @type {Response} */
  let response;
  const post = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  try {
    response = await fetch(new URL(path, base), body === undefined ? {} : post);
  } catch {
    throw new SourceError(0, [{ field: "", message: "the server does not answer" }]);
  }
  if (!response.ok) throw refusal(response.status, await response.text());
  return response;
};

/** A file as the answer names it. @param {Response} response @param {string} otherwise */
async function asFile(response, otherwise) {
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? otherwise;
  return { name, file: await response.blob() };
}

/**
 * Hear of the server, and of its end: no beat for a while, or a stream that breaks. Tries again until it is back.
 * @param {URL} base @param {(event: Event) => void} heard
 */
function listen(base, heard) {
  /** @type {EventSource | null} */
  let stream = null;
  /** @type {number | undefined} */
  let silence;
  const lost = async () => {
    const answer = await fetch(new URL("/session", base)).catch(() => null);
    const refused = answer && (answer.status === 401 || answer.status === 403);
    heard({ kind: "gone", reason: refused ? "restarted" : "silent" });
  };
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(lost, SILENCE);
    heard({ kind: "beat" });
  };
  const open = () => {
    stream?.close();
    stream = new EventSource(new URL("/events", base));
    stream.onopen = alive;
    stream.onerror = () => {
      clearTimeout(silence);
      lost();
      if (stream?.readyState === EventSource.CLOSED) silence = setTimeout(open, RETRY);
    };
    stream.onmessage = ({ data }) => {
      alive();
      const { frames } = JSON.parse(data || "{}");
      if (frames) heard({ kind: "cached", cached: frames });
    };
  };
  open();
  return () => {
    clearTimeout(silence);
    stream?.close();
  };
}

/** @param {FrameRef} ref */
const framePath = ({ shot, frame, layer, view, scale }) =>
  `/frame/${shot}/${frame}?${new URLSearchParams({ layer, view, scale: String(scale) })}`;

/** @param {string} [address] of the server; the page's own where none is given @returns {Source} */
export function httpSource(address = location.href) {
  const base = new URL(address);
  const bytes = fetcher(base);
  const ask = asker(base);
  /** @param {string} name */
  const style = async (name) => {
    const response = await fetch(new URL(name, import.meta.url));
    return response.ok ? response.text() : "";
  };
  return {
    place: "server",
    session: async () => (await ask("/session")).json(),
    styles: () => Promise.all(STYLES.map(style)),
    shaderText: async () => (await ask("/shader")).text(),
    frame: async (ref, into) => {
      const { buffer } = await bytes(framePath(ref), undefined, into);
      return { ...unframed(buffer), buffer };
    },
    sdev: async (request) => unpacked((await bytes("/sdev", request)).buffer),
    draw: async (request) => {
      const { buffer, length, facts } = await bytes("/draw", request);
      return { header: JSON.parse(facts).header, pixels: new Uint8ClampedArray(buffer, 0, length) };
    },
    probe: async (request) => (await ask("/probe", request)).json(),
    profile: async (slot, look) => (await ask(`/profile/${slot}?${new URLSearchParams(look ? { look } : {})}`)).json(),
    save: async (request) => {
      const response = await ask("/save", request);
      const isPath = (response.headers.get("content-type") ?? "").includes("json");
      return isPath ? response.json() : asFile(response, `${request.name}.toml`);
    },
    exportSdev: async (request) => asFile(await ask("/export", request), `sdev${request.suffix}`),
    onEvents: (heard) => listen(base, heard),
    scopeWorker: () => new Worker(new URL("scopes.worker.js", import.meta.url), { type: "module" }),
  };
}
