/** The types that the authoring panel shares: what the server says of a profile, and what the page lends the panel. */

/** @typedef {"red" | "green" | "blue"} Layer */
/** @typedef {"negative" | "print"} StockKind */
/** @typedef {{log_exposure: number[], density: number[]}} Curve 12 points; log10 lux-seconds, status A or M density */
/** @typedef {Record<Layer, Curve>} Curves */
/** @typedef {{points: number, step: number, log_exposure: number[], density: number[]}} Rules what a curve must keep */

/**
 * Where mid gray is: its log exposure (a negative), or its densities r, g, b (a print's aim).
 * @typedef {{log_exposure?: number | null, density?: number[] | null}} Gray
 */

/** @typedef {Curves & {stock: string, parent: Curves, gray?: Gray | null}} StockCurves */
/** @typedef {null | boolean | number | string | number[] | Curve} Value of a field; null is "not given" */

/**
 * @typedef {object} Field
 * @property {string} name dotted, as the server takes it in `changes`
 * @property {string} label
 * @property {"number" | "triple" | "choice" | "flag" | "text"} kind
 * @property {"negative" | "print" | "process" | "display"} group the tab that shows it
 * @property {Value} value
 * @property {Value} parent the parent's value
 * @property {number | null} [minimum]
 * @property {number | null} [maximum]
 * @property {number | null} [step]
 * @property {string | null} [unit]
 * @property {string | null} [help]
 * @property {(string | number)[] | null} [choices]
 */

/**
 * @typedef {object} Description
 * @property {number} slot
 * @property {string} name
 * @property {string | null} parent
 * @property {string} chain
 * @property {Field[]} fields
 * @property {Record<StockKind, StockCurves>} curves
 * @property {Rules} rules
 */

/**
 * @typedef {object} Charts
 * @property {number[][]} ramp display codes 0 to 255 of a gray ramp, dark to light
 * @property {number[][]} checker display codes of the 24 patches
 * @property {number[][]} chromaticity CIE 1931 x, y of the 24 patches
 */

/** @typedef {{size: number, nodes: string, mean?: number | null, p99?: number | null, max?: number | null}} Quality */
/** @typedef {{field: string, message: string}} Fault */
/**
 * What the server says of the shown SDev; `before` has the charts of the look as it was loaded.
 * @typedef {{quality?: Quality | null, charts?: Charts | null, before?: Charts | null, errors?: Fault[]}} SDevInfo
 */
/** @typedef {{changes: Record<string, Value>, undo: unknown[], redo: unknown[], count: number}} Edits */

/**
 * @template T
 * @typedef {{value: T}} Signal
 */

/**
 * What the page lends to the panel.
 * @typedef {object} App
 * @property {{slot: Signal<number>, profile: Signal<Description | null>, edits: Signal<Record<string, Edits>>,
 *   sdevInfo: Signal<SDevInfo | null>,
 *   session: Signal<{looks?: string[], author?: {path: string} | null} | null>}} state
 * @property {{edit: (slot: number, field: string, value: Value, options: {dragging: boolean}) => void,
 *   undo: (slot: number) => void, redo: (slot: number) => void,
 *   save: (slot: number, name: string) => Promise<string>}} actions
 */

export {};
