/** One row for each field of a profile, by its kind; amber, with a reset, where it is not the parent's. */

/** @import { Field, Value } from "./types.js" */
/** @import { Editing } from "./editing.js" */

import { html, useId } from "../vendor/ui.js";
import { NumberEntry, TextEntry, textIn } from "./entry.js";
import { useRun } from "./run.js";
import { decimalsOf } from "./scale.js";

const STEPS = 100; // of a slider whose field has no step
const MOST_DECIMALS = 4;
const COLORS = ["red", "green", "blue"];

/**
 * What a field's control is given; described: id of its faults, where it has some.
 * @typedef {{editing: Editing, field: Field, id: string, described: string | null}} Part
 */

/**
 * Return a number of a field as it is typed: the decimals of its step, or as many as it has.
 * @param {Field} field @param {number} value
 */
function textOf(field, value) {
  const least = field.step ? decimalsOf(field.step) : 0;
  const own = (value.toFixed(MOST_DECIMALS).replace(/0+$/, "").split(".")[1] ?? "").length;
  return value.toFixed(Math.max(least, own));
}

/** @param {Field} field */
const stepOf = (field) => field.step ?? ((field.maximum ?? 1) - (field.minimum ?? 0)) / STEPS;

/**
 * A slider where the field has both ends, and the number.
 * @param {{field: Field, label: string, value: number | null, amber: boolean, described: string | null,
 *   onValue: (value: number | null, dragging: boolean) => void}} props
 */
function SliderAndNumber({ field, label, value, amber, described, onValue }) {
  const { minimum, maximum } = field;
  const onSlide = (/** @type {Event} */ event) => onValue(Number(textIn(event)), true);
  const { give, ...keys } = useRun(onValue);
  const onSlid = (/** @type {Event} */ event) => give(Number(textIn(event)));
  const slider =
    minimum != null && maximum != null
      ? html`<input type="range" class="author-slider" min=${minimum} max=${maximum} step=${stepOf(field)}
          value=${value ?? minimum} aria-label=${`${label}, slider`}
          onInput=${onSlide} onChange=${onSlid} ...${keys} />`
      : html`<span></span>`;
  return html`${slider}
    <${NumberEntry} value=${value} text=${value === null ? "" : textOf(field, value)} label=${label} amber=${amber}
      step=${stepOf(field)} minimum=${minimum} maximum=${maximum} described=${described}
      optional=${field.parent === null || value === null} onValue=${onValue} />`;
}

/** @param {Part} props */
function NumberPart({ editing, field, described }) {
  /** @param {number | null} to @param {boolean} dragging */
  const onValue = (to, dragging) => editing.edit(field.name, to, dragging);
  return html`<${SliderAndNumber} field=${field} label=${field.label} value=${editing.value(field)}
    amber=${editing.differs(field)} described=${described} onValue=${onValue} />`;
}

/** @param {Part} props */
function TriplePart({ editing, field, described }) {
  const parent = /** @type {number[] | null} */ (field.parent);
  const shown = /** @type {number[] | null} */ (editing.value(field)) ?? parent;
  const isFaulty = (/** @type {string} */ color) =>
    editing.faults.some(({ field: of }) => of === field.name || of === `${field.name}.${color}`);
  /** @param {number} k @param {number | null} to @param {boolean} dragging */
  const set = (k, to, dragging) => {
    if (shown && to !== null) editing.edit(field.name, shown.with(k, to), dragging);
  };
  return html`<span class="author-triple">${COLORS.map(
    (color, k) => html`<span class="author-third" key=${color}>
      <${SliderAndNumber} field=${field} label=${`${field.label}, ${color}`} value=${shown?.[k] ?? null}
        amber=${shown?.[k] !== parent?.[k]} described=${isFaulty(color) ? described : null}
        onValue=${(/** @type {number | null} */ to, /** @type {boolean} */ dragging) => set(k, to, dragging)} />
    </span>`,
  )}</span>`;
}

/** @param {Part} props */
function ChoicePart({ editing, field, id, described }) {
  const value = editing.value(field);
  const choices = field.choices ?? [];
  /** @param {Event} event */
  const onChange = (event) => {
    const { selectedIndex } = /** @type {HTMLSelectElement} */ (event.currentTarget);
    editing.edit(field.name, choices[selectedIndex]);
  };
  return html`<select id=${id} class=${editing.differs(field) ? "author-amber" : ""} value=${String(value)}
    aria-describedby=${described ?? undefined} aria-invalid=${described ? "true" : undefined} onChange=${onChange}>
    ${choices.map((each) => html`<option value=${String(each)} selected=${each === value}>${each}</option>`)}
  </select>`;
}

/** @param {Part} props */
function FlagPart({ editing, field, id, described }) {
  /** @param {Event} event */
  const onChange = (event) => {
    editing.edit(field.name, /** @type {HTMLInputElement} */ (event.currentTarget).checked);
  };
  return html`<input id=${id} type="checkbox" checked=${Boolean(editing.value(field))}
    aria-describedby=${described ?? undefined} onChange=${onChange} />`;
}

/** @param {Part} props */
function TextPart({ editing, field, id, described }) {
  const value = editing.value(field);
  return html`<${TextEntry} id=${id} text=${value === null ? "" : String(value)} amber=${editing.differs(field)}
    described=${described} onValue=${(/** @type {string} */ to) => editing.edit(field.name, to)} />`;
}

const PARTS = { number: NumberPart, triple: TriplePart, choice: ChoicePart, flag: FlagPart, text: TextPart };

/**
 * Put a field back to its parent's value.
 * @param {{editing: Editing, field: Field}} props
 */
export function ResetButton({ editing, field }) {
  const label = `Reset ${field.label}`;
  return html`<button type="button" class="author-reset" aria-label=${label} title=${`${label} to ${editing.parent}`}
    disabled=${!editing.differs(field)} onClick=${() => editing.edit(field.name, field.parent)}>\u21ba</button>`;
}

/**
 * The faults of a field, under it.
 * @param {{editing: Editing, name: string, id: string}} props
 */
export function Faults({ editing, name, id }) {
  const faults = editing.faultsOf(name);
  return faults.length > 0 && html`<p class="author-fault" id=${id} role="alert">${faults.join("; ")}</p>`;
}

/** @param {{editing: Editing, field: Field}} props */
export function FieldRow({ editing, field }) {
  const id = useId();
  const fault = `${id}-fault`;
  const described = editing.faultsOf(field.name).length > 0 ? fault : null;
  const isLabelled = field.kind === "number" || field.kind === "triple"; // its inputs carry the label themselves
  return html`<div class="author-field" data-field=${field.name}>
    <${isLabelled ? "span" : "label"} class=${`author-label ${editing.differs(field) ? "author-amber" : ""}`}
      for=${isLabelled ? undefined : id} title=${field.help ?? undefined}>${field.label}<//>
    <span class="author-control">
      <${PARTS[field.kind]} editing=${editing} field=${field} id=${id} described=${described} />
    </span>
    <span class="author-unit">${typeof editing.value(field) === "string" ? "" : field.unit}</span>
    <${ResetButton} editing=${editing} field=${field} />
    <${Faults} editing=${editing} name=${field.name} id=${fault} />
  </div>`;
}
