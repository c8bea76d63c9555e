/** The authoring panel: negative, print, process and display of the active slot's look. */

/** @import { App, Field, StockKind } from "./types.js" */

import { html, useId, useState } from "../vendor/ui.js";
import { EditBar } from "./bar.js";
import { ChartPanel, qualityText } from "./charts.js";
import { CurveEditor } from "./curve.js";
import { Editing } from "./editing.js";
import { FieldRow } from "./fields.js";
import { LightsConsole } from "./lights.js";
import { Swatches } from "./swatches.js";

/** @typedef {Field["group"]} Group */
/** @type {{group: Group, label: string}[]} */
const TABS = [
  { group: "negative", label: "Negative" },
  { group: "print", label: "Print" },
  { group: "process", label: "Process" },
  { group: "display", label: "Display" },
];
const LIGHTS = "printer_lights";
const BALANCE = "gray_balance";
const NO_PROFILE = "This look has no profile, only a lattice (as a .clf has), so it cannot be edited.";
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {{id: string, group: Group, onGroup: (group: Group) => void}} props */
function Tabs({ id, group, onGroup }) {
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (TABS.findIndex((each) => each.group === group) + step + TABS.length) % TABS.length;
    onGroup(TABS[next].group);
    /** @type {HTMLElement} */ (/** @type {Element} */ (event.currentTarget).children[next]).focus();
  };
  return html`<div class="author-tabs" role="tablist" aria-label="Look" onKeyDown=${onKeyDown}>
    ${TABS.map(
      ({ group: each, label }) => html`<button key=${each} type="button" role="tab" id=${`${id}-${each}`}
        aria-controls=${`${id}-panel`} aria-selected=${each === group ? "true" : "false"}
        tabindex=${each === group ? 0 : -1} onClick=${() => onGroup(each)}>${label}</button>`,
    )}
  </div>`;
}

/**
 * Gray balance, beside the curves that it works against.
 * @param {{editing: Editing, field: Field}} props
 */
function GrayBalance({ editing, field }) {
  const percent = Math.round(Number(editing.value(field)) * 100);
  const trap =
    `Gray balance bends the gray scale back to neutral: it takes away about ${percent} % of the tint that a ` +
    "change of one layer gives to grays. At 0 the picture shows the whole change.";
  return html`<div class="author-balance">
    <${FieldRow} editing=${editing} field=${field} />
    ${percent > 0 && html`<p class="author-note">${trap}</p>`}
  </div>`;
}

/** @param {{editing: Editing, stock: StockKind}} props */
function Film({ editing, stock }) {
  const lights = stock === "print" ? editing.field(LIGHTS) : undefined;
  const balance = editing.field(BALANCE);
  return html`<p class="author-stock">${editing.description.curves[stock].stock}</p>
    <${CurveEditor} key=${`${editing.slot} ${stock}`} editing=${editing} stock=${stock}>
      <${Swatches} info=${editing.app.state.sdevInfo.value} />
    <//>
    ${balance && html`<${GrayBalance} editing=${editing} field=${balance} />`}
    ${lights && html`<${LightsConsole} editing=${editing} field=${lights} />`}`;
}

/** @param {{editing: Editing, group: Group}} props */
function Fields({ editing, group }) {
  const rows = editing.description.fields.filter(
    (field) => field.group === group && field.name !== LIGHTS && field.name !== BALANCE,
  );
  return html`<div class="author-fields">
    ${rows.map((field) => html`<${FieldRow} key=${field.name} editing=${editing} field=${field} />`)}
  </div>`;
}

/** @param {{editing: Editing}} props */
function Head({ editing: { description, app } }) {
  const quality = app.state.sdevInfo.value?.quality;
  const { name, chain, parent } = description;
  return html`<header class="author-head">
    <h2>${name}</h2>
    <span class="author-note">${parent && parent !== name ? `${chain}, extends ${parent}` : chain}</span>
    <span class="author-quality" role="status">${quality ? qualityText(quality) : ""}</span>
  </header>`;
}

/**
 * The panel; the page shows it or not.
 * @param {{app: App}} props
 */
export function AuthorPanel({ app }) {
  const [group, setGroup] = useState(/** @type {Group} */ ("print"));
  const id = useId();
  const description = app.state.profile.value;
  if (!description) return html`<div class="author-panel"><p class="author-none">${NO_PROFILE}</p></div>`;
  const editing = new Editing(app, description);
  return html`<div class="author-panel">
    <${Head} editing=${editing} />
    <${Tabs} id=${id} group=${group} onGroup=${setGroup} />
    <div class="author-body" role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${group}`}>
      ${editing
        .otherFaults()
        .map(
          ({ field, message }) =>
            html`<p class="author-fault" role="alert">${field ? `${field}: ${message}` : message}</p>`,
        )}
      ${(group === "negative" || group === "print") && html`<${Film} editing=${editing} stock=${group} />`}
      <${Fields} editing=${editing} group=${group} />
      <${ChartPanel} info=${app.state.sdevInfo.value} />
    </div>
    <${Swatches} info=${app.state.sdevInfo.value} />
    <${EditBar} key=${editing.slot} editing=${editing} />
  </div>`;
}
