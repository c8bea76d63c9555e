/** A button that opens a menu: arrow keys, Home, End, first letters, Escape. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/ui.js";

/** @typedef {{label: string, run?: () => void, checked?: boolean, heading?: boolean}} Item heading: text that is not chosen */

/** @param {HTMLElement} list @param {KeyboardEvent} event @param {Element | null} active */
function moved(list, event, active) {
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role^=menuitem]")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (active));
  const { key } = event;
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items[(at - 1 + items.length) % items.length];
  if (key === "Home") return items[0];
  if (key === "End") return items[items.length - 1];
  if (key.length !== 1) return undefined;
  const turned = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return turned.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()));
}

/** @param {{label: string, items: () => Item[], children?: any, kind?: string}} facts label: for a screen reader */
export function Menu({ label, items, children, kind = "menu" }) {
  const [open, setOpen] = useState(false);
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const close = (/** @type {boolean} */ refocus) => {
    setOpen(false);
    if (refocus) root.current?.querySelector("button")?.focus();
  };
  const leave = () => {
    const page = /** @type {ShadowRoot | undefined} */ (root.current?.getRootNode());
    setOpen(false);
    /** @type {HTMLElement | null | undefined} */ (page?.querySelector(".place"))?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    if (!open || !list.current) return;
    const first = list.current.querySelector("[aria-checked=true]") ?? list.current.querySelector("[role^=menuitem]");
    /** @type {HTMLElement | null} */ (first)?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const outside = (/** @type {PointerEvent} */ event) => {
      if (root.current && !event.composedPath().includes(root.current)) close(false);
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [open]);
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (!open || !list.current) return;
    if (event.key === "Escape" || event.key === "Tab") close(event.key === "Escape");
    else {
      const root = /** @type {ShadowRoot | Document} */ (list.current.getRootNode());
      const next = moved(list.current, event, root.activeElement);
      if (!next) return;
      next.focus();
    }
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  const chosen = (/** @type {Item} */ item, /** @type {MouseEvent} */ event) => {
    if (event.detail === 0) close(true); // by a key
    else leave(); // by the mouse: the picture's keys go on
    item.run?.();
  };
  return html`<span class=${`menu ${kind}`} ref=${root} onKeyDown=${key}>
    <button class="opener" aria-haspopup="menu" aria-expanded=${open} aria-label=${label} title=${label}
      onClick=${() => setOpen(!open)}>${children}<span class="caret" aria-hidden="true"></span></button>
    ${open && html`<div class="list" role="menu" aria-label=${label} ref=${list}>${items().map((item) => item.heading
      ? html`<span class="heading" role="presentation">${item.label}</span>`
      : html`<button role=${item.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked=${item.checked}
          tabindex="-1" onClick=${(/** @type {MouseEvent} */ event) => chosen(item, event)}>${item.label}</button>`)}</div>`}
  </span>`;
}
