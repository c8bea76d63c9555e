/** A stepping key that is held on a slider or a number is one move, as a drag is. */

import { useRef } from "../vendor/ui.js";

const STEPPING = new Set([
  ...["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
  ...["PageUp", "PageDown", "Home", "End"],
]);

/**
 * Return the handlers of an input whose keys step, and `give`, which takes each of its values.
 * @param {(value: number, dragging: boolean) => void} onValue told of every value, and at the end with dragging false
 */
export function useRun(onValue) {
  const held = useRef(false);
  const last = useRef(/** @type {number | null} */ (null));
  const end = () => {
    if (last.current !== null) onValue(last.current, false);
    held.current = false;
    last.current = null;
  };
  /** @param {number} value */
  const give = (value) => {
    if (held.current) last.current = value;
    onValue(value, held.current);
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (STEPPING.has(event.key)) held.current = true;
  };
  return { give, onKeyDown, onKeyUp: end, onBlur: end };
}
