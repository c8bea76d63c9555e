/** The page of `lattice view`: the viewer over the whole window, its data over HTTP. */

import { mount } from "./mount.js";
import { httpSource } from "./source.js";

/** @import {How} from "./mount.js" */

const place = /** @type {HTMLElement} */ (document.getElementById("darkroom"));
const asked = new URLSearchParams(location.search).get("draw");
place.classList.add("whole");
const draw = /** @type {How} */ (asked === "gl" || asked === "server" ? asked : "auto");

try {
  const { app } = await mount(place, httpSource(), { draw });
  document.title = `${app.state.film.value.name} – lattice`;
} catch (fault) {
  place.textContent = `The viewer does not start: ${/** @type {Error} */ (fault).message}`;
}
