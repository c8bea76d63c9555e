/** A slider with a number field beside it, amber where the value is not neutral. */

import { html, useRef, useState } from "../vendor/ui.js";
import { signed } from "../words.js";

/**
 * @typedef {Object} DialFacts
 * @property {string} id
 * @property {string} label
 * @property {number} value
 * @property {number} neutral
 * @property {[number, number]} range of the slider; the field goes further
 * @property {number} step of the slider and of the field's arrow keys
 * @property {boolean} [isSigned] the field shows a plus
 * @property {(value: number) => number} [toSlider] as the slider counts
 * @property {(place: number) => number} [fromSlider]
 * @property {(value: number) => void} set
 */

/** The number that a text says, or null. @param {string} text */
function numberOf(text) {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

/** @param {DialFacts} facts */
export function Dial({ id, label, value, neutral, range, step, isSigned, toSlider, fromSlider, set }) {
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const text = isSigned ? signed(value) : value.toFixed(2);
  const place = toSlider ? toSlider(value) : value;
  const take = () => {
    const number = typed === null ? null : numberOf(typed);
    if (number !== null) set(number);
    setTyped(null);
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") take(), field.current?.blur();
    else if (event.key === "Escape") setTyped(null), field.current?.blur();
    else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !event.ctrlKey) {
      set(value + (event.key === "ArrowUp" ? step : -step));
      setTyped(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class=${value === neutral ? "dial" : "dial changed"}>
    <label for=${`${id}-slider`} title="Double click: neutral" onDblClick=${() => set(neutral)}>${label}</label>
    <input id=${`${id}-slider`} type="range" min=${range[0]} max=${range[1]} step=${step} value=${place}
      aria-valuetext=${text} onDblClick=${() => set(neutral)}
      onInput=${(/** @type {any} */ event) => {
        const at = Number(event.target.value);
        set(fromSlider ? fromSlider(at) : at);
      }} />
    <input ref=${field} id=${id} class="number" type="text" inputmode="decimal" autocomplete="off" aria-label=${`${label} as a number`}
      value=${typed ?? text} onInput=${(/** @type {any} */ event) => setTyped(event.target.value)}
      onFocus=${(/** @type {any} */ event) => event.target.select()} onBlur=${take} onKeyDown=${key} />
  </div>`;
}
