/** The authoring panel: negative, print, process and display of the active slot's look. */

/** @import { App, Field } from "./types.js" */

import { html, useId, useState } from "../vendor/ui.js";
import { EditBar } from "./bar.js";
import { ChartPanel, qualityText } from "./charts.js";
import { CurveEditor } from "./curve.js";
import { Editing } from "./editing.js";
import { FieldRow } from "./fields.js";
import { LightsConsole } from "./lights.js";

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
      ({ group: each, label }) => html`<button type="button" role="tab" id=${`${id}-${each}`} aria-controls=${`${id}-panel`}
        aria-selected=${each === group ? "true" : "false"} tabindex=${each === group ? 0 : -1} onClick=${() => onGroup(each)}>${label}</button>`,
    )}
  </div>`;
}

/**
 * Gray balance, beside the curves that it works against.
 * @param {{editing: Editing, field: Field}} props
 */
function GrayBalance({ editing, field }) {
  const share = Number(editing.value(field));
  return html`<div class="author-balance">
    <${FieldRow} editing=${editing} field=${field} />
    ${
      share > 0
        ? html`<p class="author-note">Gray balance bends the gray scale back to neutral: it takes away about ${Math.round(share * 100)} % of
          the tint that a change of one layer gives to grays. At 0 the picture shows the whole change.</p>`
        : null
    }
  </div>`;
}

/** @param {{editing: Editing, group: Group}} props */
function Group({ editing, group }) {
  const lights = editing.field(LIGHTS);
  const balance = editing.field(BALANCE);
  const rows = editing.description.fields.filter(
    (field) => field.group === group && field.name !== LIGHTS && field.name !== BALANCE,
  );
  const stock = group === "negative" || group === "print" ? group : null;
  return html`${
    stock
      ? html`<p class="author-stock">${editing.description.curves[stock].stock}</p>
        <${CurveEditor} key=${`${editing.slot} ${stock}`} editing=${editing} stock=${stock} />`
      : null
  }
    ${stock && balance ? html`<${GrayBalance} editing=${editing} field=${balance} />` : null}
    ${group === "print" && lights ? html`<${LightsConsole} editing=${editing} field=${lights} />` : null}
    <div class="author-fields">${rows.map((field) => html`<${FieldRow} key=${field.name} editing=${editing} field=${field} />`)}</div>`;
}

/**
 * The panel; the page shows it or not.
 * @param {{app: App}} props
 */
export function AuthorPanel({ app }) {
  const [group, setGroup] = useState(/** @type {Group} */ ("print"));
  const id = useId();
  const description = app.state.profile.value;
  if (!description) {
    return html`<div class="author-panel"><p class="author-none">This look has no profile, only a lattice (as a .clf has), so it cannot be edited.</p></div>`;
  }
  const editing = new Editing(app, description);
  const info = app.state.sdevInfo.value;
  return html`<div class="author-panel">
    <header class="author-head">
      <h2>${description.name}</h2>
      <span class="author-note">${description.chain}${description.parent ? `, extends ${description.parent}` : ""}</span>
      <span class="author-quality" role="status">${info?.quality ? qualityText(info.quality) : ""}</span>
    </header>
    <${Tabs} id=${id} group=${group} onGroup=${setGroup} />
    <div class="author-body" role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${group}`}>
      ${editing.otherFaults().map(({ field, message }) => html`<p class="author-fault" role="alert">${field ? `${field}: ` : ""}${message}</p>`)}
      <${Group} editing=${editing} group=${group} />
      <${ChartPanel} info=${info} parent=${editing.parent} />
    </div>
    <${EditBar} key=${editing.slot} editing=${editing} />
  </div>`;
}
