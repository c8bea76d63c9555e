/** One row for each field of a profile, by its kind; amber, with a reset, where it is not the parent's. */

/** @import { Field, Value } from "./types.js" */
/** @import { Editing } from "./editing.js" */

import { html, useId } from "../vendor/ui.js";
import { NumberEntry, TextEntry } from "./entry.js";
import { decimalsOf } from "./scale.js";

const STEPS = 100; // of a slider whose field has no step
const MOST_DECIMALS = 4;

/** @typedef {{editing: Editing, field: Field, id: string, described: string | null, invalid: boolean}} Part of a row */

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

/** @param {Part & {label: string, value: number | null, amber: boolean, onValue: (value: number | null, dragging: boolean) => void}} props */
function SliderAndNumber({ field, label, value, amber, described, invalid, onValue }) {
  const bounded = field.minimum != null && field.maximum != null;
  /** @param {Event} event */
  const at = (event) => Number(/** @type {HTMLInputElement} */ (event.currentTarget).value);
  return html`${
    bounded
      ? html`<input type="range" class="author-slider" min=${field.minimum} max=${field.maximum} step=${stepOf(field)}
        value=${value ?? field.minimum} aria-label=${`${label}, slider`} onInput=${(/** @type {Event} */ event) => onValue(at(event), true)}
        onChange=${(/** @type {Event} */ event) => onValue(at(event), false)} />`
      : html`<span></span>`
  }
    <${NumberEntry} value=${value} text=${value === null ? "" : textOf(field, value)} label=${label} step=${stepOf(field)}
      minimum=${field.minimum} maximum=${field.maximum} amber=${amber} described=${described} invalid=${invalid}
      optional=${field.parent === null || value === null} onValue=${(/** @type {number | null} */ to) => onValue(to, false)} />`;
}

/** @param {Part} props */
function NumberPart(props) {
  const { editing, field } = props;
  return html`<${SliderAndNumber} ...${props} label=${field.label} value=${editing.value(field)} amber=${editing.differs(field)}
    onValue=${(/** @type {number | null} */ to, /** @type {boolean} */ dragging) => editing.edit(field.name, to, dragging)} />`;
}

/** @param {Part} props */
function TriplePart(props) {
  const { editing, field } = props;
  const value = /** @type {number[] | null} */ (editing.value(field));
  const parent = /** @type {number[] | null} */ (field.parent);
  const shown = value ?? parent ?? [null, null, null];
  return html`<span class="author-triple">${["red", "green", "blue"].map(
    (layer, k) => html`<span class="author-third" key=${layer}>
      <${SliderAndNumber} ...${props} label=${`${field.label}, ${layer}`} value=${shown[k]} amber=${parent !== null && shown[k] !== parent[k]}
        onValue=${(/** @type {number | null} */ to, /** @type {boolean} */ dragging) =>
          to === null ? undefined : editing.edit(field.name, /** @type {number[]} */ (shown).with(k, to), dragging)} />
    </span>`,
  )}</span>`;
}

/** @param {Part} props */
function ChoicePart({ editing, field, id, described, invalid }) {
  const value = editing.value(field);
  const choices = field.choices ?? [];
  return html`<select id=${id} class=${editing.differs(field) ? "author-amber" : ""} aria-describedby=${described ?? undefined}
    aria-invalid=${invalid ? "true" : undefined} value=${String(value)}
    onChange=${(/** @type {Event} */ event) => {
      const { selectedIndex } = /** @type {HTMLSelectElement} */ (event.currentTarget);
      editing.edit(field.name, choices[selectedIndex]);
    }}>
    ${choices.map((each) => html`<option value=${String(each)} selected=${each === value}>${each}</option>`)}
  </select>`;
}

/** @param {Part} props */
function FlagPart({ editing, field, id, described }) {
  return html`<input id=${id} type="checkbox" checked=${Boolean(editing.value(field))} aria-describedby=${described ?? undefined}
    onChange=${(/** @type {Event} */ event) => editing.edit(field.name, /** @type {HTMLInputElement} */ (event.currentTarget).checked)} />`;
}

/** @param {Part} props */
function TextPart({ editing, field, id, described, invalid }) {
  const value = editing.value(field);
  return html`<${TextEntry} text=${value === null ? "" : String(value)} id=${id} amber=${editing.differs(field)} described=${described}
    invalid=${invalid} onValue=${(/** @type {string} */ to) => editing.edit(field.name, to)} />`;
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
  return faults.length === 0 ? null : html`<p class="author-fault" id=${id} role="alert">${faults.join("; ")}</p>`;
}

/** @param {{editing: Editing, field: Field}} props */
export function FieldRow({ editing, field }) {
  const id = useId();
  const invalid = editing.faultsOf(field.name).length > 0;
  const own = field.kind === "number" || field.kind === "triple"; // whose inputs carry the label themselves
  const name = html`${field.label}`;
  const title = field.help ?? undefined;
  const amber = editing.differs(field) ? "author-amber" : "";
  return html`<div class=${`author-field author-kind-${field.kind}`} data-field=${field.name}>
    ${
      own
        ? html`<span class=${`author-label ${amber}`} title=${title}>${name}</span>`
        : html`<label class=${`author-label ${amber}`} title=${title} for=${id}>${name}</label>`
    }
    <span class="author-control">
      <${PARTS[field.kind]} editing=${editing} field=${field} id=${id} invalid=${invalid} described=${invalid ? `${id}-fault` : null} />
    </span>
    <span class="author-unit">${field.unit ?? ""}</span>
    <${ResetButton} editing=${editing} field=${field} />
    <${Faults} editing=${editing} name=${field.name} id=${`${id}-fault`} />
  </div>`;
}
