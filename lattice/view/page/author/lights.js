/** The printer lights as a timer's console: a click is a point. More light of a color prints more of its dye. */

/** @import { Field } from "./types.js" */
/** @import { Editing } from "./editing.js" */

import { html, useId } from "../vendor/ui.js";
import { NumberEntry } from "./entry.js";
import { Faults, ResetButton } from "./fields.js";
import { numberText } from "./scale.js";

const AIM = 25; // points
const COLUMNS = [
  { name: "red", more: "+ cyan", which: [0] },
  { name: "green", more: "+ magenta", which: [1] },
  { name: "blue", more: "+ yellow", which: [2] },
  { name: "all", more: "+ darker", which: [0, 1, 2] },
];
/** @type {Record<string, number>} */
const KEYS = { "+": 1, "=": 1, "-": -1, _: -1 };

/** @param {number} points */
const pointsText = (points) => String(Number(points.toFixed(2)));

/** @param {number} points from the aim */
const fromAim = (points) => `${numberText(points, Number.isInteger(points) ? 0 : 2, true)} from ${AIM}`;

/**
 * Return the lights with some of them moved by points, each within the printer's range.
 * @param {Field} field @param {number[]} lights @param {number[]} which @param {number} points
 */
function trimmed(field, lights, which, points) {
  const [low, high] = [field.minimum ?? 0, field.maximum ?? 50];
  return lights.map((each, k) => (which.includes(k) ? Math.min(Math.max(each + points, low), high) : each));
}

/**
 * One light, or all three.
 * @param {{editing: Editing, field: Field, name: string, more: string, which: number[],
 *   described: string | null}} props
 */
function Column({ editing, field, name, more, which, described }) {
  const lights = /** @type {number[]} */ (editing.value(field));
  const parent = /** @type {number[]} */ (field.parent);
  const [k] = which;
  const isOne = which.length === 1;
  /** @param {number} points */
  const trim = (points) => editing.edit(field.name, trimmed(field, lights, which, points));
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    trim(KEYS[event.key]);
  };
  /** @param {number} to @param {boolean} dragging */
  const onValue = (to, dragging) => editing.edit(field.name, lights.with(k, to), dragging);
  const entry = html`<${NumberEntry} value=${lights[k]} text=${pointsText(lights[k])} label=${`${field.label}, ${name}`}
    step=${1} minimum=${field.minimum} maximum=${field.maximum} amber=${lights[k] !== parent[k]}
    described=${described} onValue=${onValue} />`;
  return html`<div class="author-column" onKeyDown=${onKeyDown}>
    <span class=${`author-name author-${name}`}>${name}</span>
    <span class="author-trim">
      <button type="button" aria-label=${`${name} one point less`} onClick=${() => trim(-1)}>\u2212</button>
      ${isOne ? entry : html`<span class="author-step" aria-hidden="true">1</span>`}
      <button type="button" aria-label=${`${name} one point more`} onClick=${() => trim(1)}>+</button>
    </span>
    <span class="author-note">${isOne && lights[k] !== AIM ? fromAim(lights[k] - AIM) : more}</span>
  </div>`;
}

/** @param {{editing: Editing, field: Field}} props */
export function LightsConsole({ editing, field }) {
  const fault = `${useId()}-fault`;
  const described = editing.faultsOf(field.name).length > 0 ? fault : null;
  return html`<div class="author-lights" role="group" aria-label=${field.label} data-field=${field.name}>
    <div class="author-head">
      <h3 class=${editing.differs(field) ? "author-amber" : ""} title=${field.help ?? undefined}>${field.label}</h3>
      <span class="author-note">1 point = 0.025 log H; more light prints darker</span>
      <${ResetButton} editing=${editing} field=${field} />
    </div>
    <div class="author-console">
      ${COLUMNS.map(
        (column) => html`<${Column} key=${column.name} editing=${editing} field=${field} described=${described}
          ...${column} />`,
      )}
    </div>
    <${Faults} editing=${editing} name=${field.name} id=${fault} />
  </div>`;
}
