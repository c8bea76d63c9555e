/** Sizes of elements, followed while they change. */

import { useLayoutEffect, useState } from "../vendor/ui.js";

/** @typedef {{width: number, height: number}} Size CSS pixels, whole */

/** @param {ResizeObserverEntry} entry @returns {Size} */
const sizeOf = ({ contentRect: { width, height } }) => ({ width: Math.floor(width), height: Math.floor(height) });

/**
 * Return the size of an element's content, and of the nearest element around it that a selector names.
 * @param {{current: Element | null}} element @param {string} around
 * @returns {{own: Size, room: Size}} zeros before the first layout
 */
export function useSizes(element, around) {
  const [sizes, setSizes] = useState({ own: { width: 0, height: 0 }, room: { width: 0, height: 0 } });
  useLayoutEffect(() => {
    const { current } = element;
    const room = current?.closest(around);
    if (!current || !room) return;
    const observer = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const name = entry.target === room ? "room" : "own";
        setSizes((old) => ({ ...old, [name]: sizeOf(entry) }));
      }
    });
    observer.observe(current);
    observer.observe(room);
    return () => observer.disconnect();
  }, []);
  return sizes;
}
