/** About the picture: its file, windows and channels. */

import { html } from "../vendor/ui.js";
import { sizeOf } from "../geometry.js";

/** @import {App, Window} from "../types.js" */

/** @param {Window} window */
const written = (window) => `${sizeOf(window).join(" × ")} at ${window[0]}, ${window[1]}`;

/** @param {{app: App}} facts */
export function Info({ app: { state, source } }) {
  const [header, fault, film] = [state.picture.value, state.frameError.value, state.film.value];
  const shot = ["Shot", `${film.name}${film.count > 1 ? `, ${film.count} frames, ${film.frames}` : ""}`];
  if (!header && !fault) return null;
  const rows = fault || !header ? [["Frame", fault ?? ""], shot] : [
    ["File", header.label],
    shot,
    ["Layer", [state.layer.value || "unnamed", state.view.value].filter(Boolean).join(", view ")],
    ["Channels", `${header.names.join(" ")}, ${header.type}${header.premultiplied ? ", premultiplied" : ""}`],
    ["Display window", written(header.display)],
    ["Data window", String(header.data) === String(header.display) ? "the same" : written(header.data)],
    ["Pixel aspect", header.aspect === 1 ? "square" : header.aspect.toFixed(4)],
    ["Rate", film.rate ? `${Number(film.rate.toFixed(3))} frames a second` : ""],
    ["Graded", header.graded ?? ""],
    ["Cache, at most", `${Math.round(state.session.value.memory.cache / 2 ** 20)} MB at the ${source.place}`],
    ...[...new Set([...header.notes, ...film.notes])].map((note) => ["Note", note]),
  ].filter(([, value]) => value);
  return html`<section class="info" aria-label="About the picture"><dl>
    ${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}
