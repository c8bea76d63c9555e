/** The page's data from a notebook's kernel, by the widget's messages. */

import { unframed, unpacked } from "../device.js";
import { SourceError } from "../source.js";

/** @import {Source} from "../types.js" */
/** @import {Answer, Channel, Facts} from "./loader.js" */

/**
 * Pieces of an answer as one memory.
 * @param {DataView[]} pieces @param {ArrayBuffer} [into] that is used where it is large enough
 */
function joined(pieces, into) {
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const buffer = into && into.byteLength >= length ? into : new ArrayBuffer(length);
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength), at);
    at += piece.byteLength;
  }
  return { buffer, length };
}

/** A file of an answer. @param {Answer} answer */
const asFile = ({ facts, pieces }) => ({
  name: facts.file ?? "",
  file: new Blob([joined(pieces).buffer], { type: facts.kind }),
});

/**
 * @param {Channel} channel @param {string[]} styles @param {string} [scopes] address of the worker that counts them
 * @returns {Source}
 */
export function kernelSource(channel, styles, scopes) {
  let cached = "";
  /** @type {Set<Parameters<Source["onEvents"]>[0]>} */
  const hearing = new Set();

  /** @param {Facts} facts */
  function hearCached(facts) {
    const text = JSON.stringify(facts.cached);
    if (!facts.cached || text === cached) return;
    cached = text;
    for (const heard of hearing) heard({ kind: "cached", cached: facts.cached });
  }

  /** @param {string} what @param {any} [body] */
  async function ask(what, body) {
    try {
      const answer = await channel.ask(what, body);
      hearCached(answer.facts);
      return answer;
    } catch (facts) {
      const { status, errors } = /** @type {Facts} */ (facts);
      throw new SourceError(status, errors ?? []);
    }
  }
  const json = async (/** @type {string} */ what, /** @type {any} */ body) => (await ask(what, body)).facts.json;

  return {
    place: "kernel",
    session: () => json("session", {}),
    styles: async () => styles,
    shaderText: () => json("shader", {}),
    frame: async ({ shot, frame: index, layer, view, scale }, into) => {
      const { buffer } = joined((await ask("frame", { shot, index, layer, view, scale })).pieces, into);
      return { ...unframed(buffer), buffer };
    },
    sdev: async (request) => unpacked(joined((await ask("sdev", request)).pieces).buffer),
    draw: async (request) => {
      const { facts, pieces } = await ask("draw", request);
      return { header: facts.json.header, pixels: new Uint8ClampedArray(joined(pieces).buffer) };
    },
    probe: (request) => json("probe", request),
    profile: (slot, look = "") => json("profile", { slot, look }),
    save: async (request) => {
      const answer = await ask("save", request);
      return answer.facts.file === undefined ? answer.facts.json : asFile(answer);
    },
    exportSdev: async (request) => asFile(await ask("export", request)),
    onEvents: (heard) => {
      hearing.add(heard);
      const end = channel.watch((isAlive) => heard(isAlive ? { kind: "beat" } : { kind: "gone", reason: "busy" }));
      return () => {
        hearing.delete(heard);
        end();
      };
    },
    scopeWorker: () => {
      try {
        return new Worker(/** @type {string} */ (scopes), { type: "module" });
      } catch {
        return null; // where a front end forbids workers
      }
    },
  };
}
