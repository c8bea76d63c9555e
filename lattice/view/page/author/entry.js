/** What is typed: taken on Enter or on leaving the field; Escape, or what is no number, brings the old text back. */

import { html, useState } from "../vendor/ui.js";

/**
 * Return the handlers of a typed field, and its text: what a hand types stays while the page draws itself again.
 * @param {string} text in force @param {(typed: string) => void} take
 */
function useDraft(text, take) {
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  /** @param {Event} event */
  const typed = (event) => /** @type {HTMLInputElement} */ (event.currentTarget).value;
  return {
    value: draft ?? text,
    onInput: (/** @type {Event} */ event) => setDraft(typed(event)),
    onBlur: () => setDraft(null),
    onChange: (/** @type {Event} */ event) => {
      setDraft(null);
      take(typed(event));
      /** @type {HTMLInputElement} */ (event.currentTarget).value = text;
    },
    onKeyDown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || draft === null) return;
      event.stopPropagation();
      setDraft(null);
      /** @type {HTMLInputElement} */ (event.currentTarget).value = text;
    },
  };
}

/**
 * A number: `text` is the value as it is shown; where `optional`, an empty field is null.
 * @param {{value: number | null, text: string, label: string, minimum?: number | null, maximum?: number | null,
 *   step?: number, described?: string | null, invalid?: boolean, optional?: boolean, amber?: boolean,
 *   onValue: (value: number | null) => void}} props
 */
export function NumberEntry({ value, text, label, minimum, maximum, step, described, invalid, optional, amber, onValue }) {
  const draft = useDraft(text, (typed) => {
    const number = typed === "" ? null : Number(typed);
    if (number === null ? optional && value !== null : Number.isFinite(number) && number !== Number(text)) onValue(number);
  });
  return html`<input type="number" class=${`author-number ${amber ? "author-amber" : ""}`} aria-label=${label}
    min=${minimum ?? undefined} max=${maximum ?? undefined} step=${step ?? "any"} aria-invalid=${invalid ? "true" : undefined}
    aria-describedby=${described ?? undefined} ...${draft} />`;
}

/**
 * A line of text.
 * @param {{text: string, id: string, described?: string | null, invalid?: boolean, amber?: boolean,
 *   onValue: (value: string) => void}} props
 */
export function TextEntry({ text, id, described, invalid, amber, onValue }) {
  const draft = useDraft(text, (typed) => (typed === text ? undefined : onValue(typed)));
  return html`<input id=${id} type="text" spellcheck=${false} class=${amber ? "author-amber" : ""}
    aria-invalid=${invalid ? "true" : undefined} aria-describedby=${described ?? undefined} ...${draft} />`;
}
