/** Counts scopes off the page's thread. */

import { scopes } from "./scopes.js";

self.addEventListener("message", ({ data: { pixels, width, height } }) => {
  const drawn = scopes(pixels, width, height);
  const post = /** @type {(message: any, moved: Transferable[]) => void} */ (self.postMessage.bind(self));
  post(drawn, Object.values(drawn).map((each) => each.pixels.buffer));
});
