/** What is typed: taken on Enter or on leaving the field; Escape, or what is no number, brings the old text back. */

import { html, useState } from "../vendor/ui.js";
import { useRun } from "./run.js";

/**
 * Return the text of the input that an event is of.
 * @param {Event} event
 */
export const textIn = (event) => /** @type {HTMLInputElement} */ (event.currentTarget).value;

/**
 * Return the handlers of a typed field, and its text: what a hand types stays while the page draws itself again.
 * @param {string} text in force @param {(typed: string) => void} take
 */
function useDraft(text, take) {
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  /** @param {Event} event */
  const restore = (event) => {
    setDraft(null);
    /** @type {HTMLInputElement} */ (event.currentTarget).value = text;
  };
  return {
    value: draft ?? text,
    onInput: (/** @type {Event} */ event) => setDraft(textIn(event)),
    onBlur: () => setDraft(null),
    onChange: (/** @type {Event} */ event) => {
      const typed = textIn(event);
      restore(event); // the new text, if it is taken, comes with the next drawing
      take(typed);
    },
    "data-settled": draft === null, // nothing is typed: undo is the look's
    onKeyDown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      if (draft === null) return /** @type {HTMLElement} */ (event.currentTarget).blur();
      event.stopPropagation();
      restore(event);
    },
  };
}

/**
 * A number. text: the value as it is shown; optional: an empty field is null; described: id of its faults.
 * @param {{value: number | null, text: string, label: string, minimum?: number | null, maximum?: number | null,
 *   step?: number, described?: string | null, optional?: boolean, amber?: boolean,
 *   onValue: (value: number | null, dragging: boolean) => void}} props
 */
export function NumberEntry({ value, text, label, minimum, maximum, step, described, optional, amber, onValue }) {
  const draft = useDraft(text, (typed) => {
    const number = typed === "" ? null : Number(typed);
    const isNew = number === null ? optional && value !== null : Number.isFinite(number) && number !== Number(text);
    if (number === null && isNew) onValue(null, false);
    else if (number !== null && (isNew || text === "")) run.give(number);
  });
  const run = useRun(onValue);
  const handlers = {
    onKeyDown: (/** @type {KeyboardEvent} */ event) => [run, draft].forEach((each) => each.onKeyDown(event)),
    onKeyUp: run.onKeyUp,
    onBlur: () => [run, draft].forEach((each) => each.onBlur()),
  };
  return html`<input type="number" class=${`author-number ${amber ? "author-amber" : ""}`} aria-label=${label}
    min=${minimum ?? undefined} max=${maximum ?? undefined} step=${step ?? "any"}
    aria-invalid=${described ? "true" : undefined} aria-describedby=${described ?? undefined}
    ...${draft} ...${handlers} />`;
}

/**
 * A line of text.
 * @param {{text: string, id: string, described?: string | null, amber?: boolean,
 *   onValue: (value: string) => void}} props
 */
export function TextEntry({ text, id, described, amber, onValue }) {
  const draft = useDraft(text, (typed) => (typed === text ? undefined : onValue(typed)));
  return html`<input id=${id} type="text" spellcheck=${false} class=${`author-text ${amber ? "author-amber" : ""}`}
    aria-invalid=${described ? "true" : undefined} aria-describedby=${described ?? undefined} ...${draft} />`;
}
