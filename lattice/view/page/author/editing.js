/** One look while it is edited: values in force, what differs from the parent, faults, edits. */

/** @import { App, Curve, Curves, Description, Edits, Fault, Field, Layer, StockKind, Value } from "./types.js" */

import { sameCurve } from "./rules.js";

/** @type {Layer[]} */
export const LAYERS = ["red", "green", "blue"];
/** @type {StockKind[]} */
export const STOCKS = ["negative", "print"];
/** @type {Edits} */
const UNTOUCHED = { changes: {}, undo: [], redo: [], count: 0 };

/**
 * Return true if two values of a field are the same.
 * @param {Value} one @param {Value} other
 */
function same(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) return one.every((each, k) => each === other[k]);
  return one === other;
}

/** @param {StockKind} stock @param {Layer} layer */
const curveName = (stock, layer) => `${stock}.curves.${layer}`;

/** What the panel's parts are given: the look of the active slot, and the ways to change it. */
export class Editing {
  /** @param {App} app @param {Description} description */
  constructor(app, description) {
    this.app = app;
    this.description = description;
    this.slot = description.slot; // what the panel shows, while another slot's description is on its way
    this.edits = app.state.edits.value[this.slot] ?? UNTOUCHED;
    /** @type {Fault[]} */
    this.faults = app.state.sdevInfo.value?.errors ?? [];
  }

  /** Name of the look that differences are to: the parent, or the look itself if it is a shipped one. */
  get parent() {
    return this.description.parent ?? this.description.name;
  }

  /** @param {string} name @returns {Field | undefined} */
  field(name) {
    return this.description.fields.find((each) => each.name === name);
  }

  /** @param {Field} field @returns {Value} the value in force */
  value(field) {
    return field.name in this.edits.changes ? this.edits.changes[field.name] : field.value;
  }

  /** @param {Field} field @returns {boolean} true if the value in force is not the parent's */
  differs(field) {
    return !same(this.value(field), field.parent);
  }

  /** @param {StockKind} stock @param {Layer} layer @returns {Curve} the curve in force */
  curve(stock, layer) {
    const change = this.edits.changes[curveName(stock, layer)];
    return change ? /** @type {Curve} */ (change) : this.description.curves[stock][layer];
  }

  /** @param {StockKind} stock @returns {Curves} the three curves in force */
  curves(stock) {
    return {
      red: this.curve(stock, "red"),
      green: this.curve(stock, "green"),
      blue: this.curve(stock, "blue"),
    };
  }

  /** @param {StockKind} stock @param {Layer} layer @returns {boolean} */
  curveDiffers(stock, layer) {
    return !sameCurve(this.curve(stock, layer), this.description.curves[stock].parent[layer]);
  }

  /** @returns {string[]} labels of all that differs from the parent */
  differences() {
    const fields = this.description.fields.filter((each) => this.differs(each)).map((each) => each.label);
    const curves = STOCKS.flatMap((stock) =>
      LAYERS.filter((layer) => this.curveDiffers(stock, layer)).map((layer) => `${stock} ${layer} curve`),
    );
    return [...curves, ...fields];
  }

  /** @param {string} name of a field, or "print.curves" @returns {string[]} messages of its faults */
  faultsOf(name) {
    return this.faults.filter(({ field }) => this.#home(field) === name).map(({ message }) => message);
  }

  /** @returns {Fault[]} faults that no field and no curve on the panel has */
  otherFaults() {
    return this.faults.filter(({ field }) => this.#home(field) === undefined);
  }

  /** @param {string} field of a fault @returns {string | undefined} the longest name on the panel that holds it */
  #home(field) {
    const names = [
      "name",
      ...STOCKS.map((stock) => `${stock}.curves`),
      ...this.description.fields.map(({ name }) => name),
    ];
    const holding = names.filter((name) => field === name || field.startsWith(`${name}.`));
    return holding.sort((one, other) => other.length - one.length)[0];
  }

  /** @param {string} name dotted @param {Value} value @param {boolean} [dragging] more of the same move follows */
  edit(name, value, dragging = false) {
    this.app.actions.edit(this.slot, name, value, { dragging });
  }

  /** @param {StockKind} stock @param {Layer} layer @param {Curve} curve @param {boolean} [dragging] */
  editCurve(stock, layer, curve, dragging = false) {
    this.edit(curveName(stock, layer), curve, dragging);
  }
}
