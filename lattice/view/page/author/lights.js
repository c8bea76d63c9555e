/** The printer lights as a timer's console: a click is a point. More light of a color prints more of its dye. */

/** @import { Field } from "./types.js" */
/** @import { Editing } from "./editing.js" */

import { html, useId } from "../vendor/ui.js";
import { NumberEntry } from "./entry.js";
import { Faults, ResetButton } from "./fields.js";
import { numberText } from "./scale.js";

const AIM = 25; // points
const COLUMNS = [
  { name: "red", dye: "cyan", which: [0] },
  { name: "green", dye: "magenta", which: [1] },
  { name: "blue", dye: "yellow", which: [2] },
  { name: "all", dye: "density", which: [0, 1, 2] },
];
/** @type {Record<string, number>} */
const KEYS = { "+": 1, "=": 1, "-": -1, _: -1 };

/** @param {number} points */
const pointsText = (points) => String(Number(points.toFixed(2)));

/**
 * Return the lights with some of them moved by points, each within the printer's range.
 * @param {Field} field @param {number[]} lights @param {number[]} which @param {number} points
 */
function trimmed(field, lights, which, points) {
  const [low, high] = [field.minimum ?? 0, field.maximum ?? 50];
  return lights.map((each, k) => (which.includes(k) ? Math.min(Math.max(each + points, low), high) : each));
}

/** @param {{editing: Editing, field: Field}} props */
export function LightsConsole({ editing, field }) {
  const id = useId();
  const lights = /** @type {number[]} */ (editing.value(field));
  const parent = /** @type {number[]} */ (field.parent);
  const invalid = editing.faultsOf(field.name).length > 0;
  return html`<div class="author-lights" role="group" aria-label=${field.label} data-field=${field.name}>
    <div class="author-head">
      <h3 class=${editing.differs(field) ? "author-amber" : ""} title=${field.help ?? undefined}>${field.label}</h3>
      <span class="author-note">1 point = 0.025 log H; more light prints darker</span>
      <${ResetButton} editing=${editing} field=${field} />
    </div>
    <div class="author-console">
      ${COLUMNS.map(
        (column) => html`<${Column} key=${column.name} editing=${editing} field=${field} lights=${lights} parent=${parent} ...${column}
          described=${invalid ? `${id}-fault` : null} />`,
      )}
    </div>
    <${Faults} editing=${editing} name=${field.name} id=${`${id}-fault`} />
  </div>`;
}

/** @param {{editing: Editing, field: Field, name: string, dye: string, lights: number[], which: number[], parent: number[], described: string | null}} props */
function Column({ editing, field, name, dye, which, lights, parent, described }) {
  const one = which.length === 1 ? which[0] : null;
  /** @param {number} points */
  const trim = (points) => editing.edit(field.name, trimmed(field, lights, which, points));
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    trim(KEYS[event.key]);
  };
  const moved = one === null ? 0 : lights[one] - AIM;
  return html`<div class="author-column" onKeyDown=${onKeyDown}>
    <span class=${`author-name author-${name}`}>${name}</span>
    <span class="author-trim">
      <button type="button" aria-label=${`${name} one point less`} onClick=${() => trim(-1)}>\u2212</button>
      ${
        one === null
          ? html`<span class="author-all" aria-hidden="true">1</span>`
          : html`<${NumberEntry} value=${lights[one]} text=${pointsText(lights[one])} label=${`${field.label}, ${name}`} step=${1}
            minimum=${field.minimum} maximum=${field.maximum} amber=${lights[one] !== parent[one]} described=${described}
            invalid=${described !== null}
            onValue=${(/** @type {number} */ to) => editing.edit(field.name, lights.with(one, to))} />`
      }
      <button type="button" aria-label=${`${name} one point more`} onClick=${() => trim(1)}>+</button>
    </span>
    <span class="author-note">${one === null ? "+ darker" : moved === 0 ? `+ ${dye}` : `${numberText(moved, Number.isInteger(moved) ? 0 : 2, true)} from ${AIM}`}</span>
  </div>`;
}
