/** The types that the page's modules share. Nothing here runs. */

/** @template T @typedef {import("./vendor/ui.js").Signal<T>} Signal */
/** @template T @typedef {import("./vendor/ui.js").ReadonlySignal<T>} ReadonlySignal */
/** @typedef {[number, number, number, number]} Window first x, first y, last x, last y, inclusive */
/** @typedef {"rgb" | "r" | "g" | "b" | "a" | "y"} Channel */
/** @typedef {PredefinedColorSpace | "raw"} Canvas raw: codes as they are, for a calibrated monitor */
/** @typedef {"single" | "wipe" | "difference"} Mode */

/**
 * How a picture is looked at; the server has the same names in lattice/view/looking.py.
 * @typedef {Object} Looking
 * @property {number} exposure stops
 * @property {number} gamma
 * @property {Channel} channel
 * @property {boolean} false_color
 * @property {boolean} clipping
 * @property {boolean} markers
 * @property {Mode} mode
 * @property {[number, number, number]} wipe x and y as shares of the display window, angle in degrees
 * @property {number} zoom canvas pixels a picture line
 * @property {[number, number]} center picture pixels from the display window's top left corner
 */

/**
 * @typedef {Object} Shot
 * @property {string} name
 * @property {number} count frames
 * @property {string} frames their numbers as text
 * @property {number[] | null} numbers null for a still
 * @property {{name: string, views?: string[]}[]} layers
 * @property {string[]} views
 * @property {number | null} rate frames a second
 * @property {string | null} graded
 * @property {string[]} notes
 */

/** @typedef {{number: number, look: string, name: string, description: string, isPut?: boolean,
 *   display_is_known?: boolean, is_shipped?: boolean}} Slot isPut: by the page */

/**
 * @typedef {Object} Session
 * @property {string} version
 * @property {Shot[]} shots
 * @property {(Slot | null)[]} slots nine
 * @property {string[]} looks
 * @property {string[]} [suffixes] of files that an SDev is saved as
 * @property {{slot: number, path: string, exists: boolean, revision: number} | null} author
 * @property {{cache: number}} memory bytes
 * @property {any} constants
 * @property {string} [layer] that is shown first
 */

/**
 * @typedef {Object} FrameHeader
 * @property {number} width of the planes
 * @property {number} height
 * @property {number} planes
 * @property {number} scale 1, 2, 4, ...
 * @property {Window} data full resolution
 * @property {Window} display full resolution
 * @property {number} aspect
 * @property {boolean} premultiplied
 * @property {boolean} raw graded codes, shown as they are
 * @property {number} input the color space's number, for sdev requests
 * @property {string[]} names of channels
 * @property {string} type of the file's samples
 * @property {string} label file name
 * @property {number | null} number
 * @property {string[]} notes
 * @property {string | null} graded
 */

/** @typedef {{shot: number, frame: number, layer: string, view: string, scale: number}} FrameRef */
/** @typedef {{header: FrameHeader, buffer: ArrayBuffer, offset: number}} FrameData */
/** @typedef {{[field: string]: any}} Changes */

/**
 * Which SDev: a slot, with another look in it, or with edits.
 * @typedef {{slot: number, look?: string, changes?: Changes, quality?: "rest" | "drag", canvas: Canvas}} SdevRef
 */

/** @typedef {{header: any, table: Float32Array, nodes: Float32Array}} SdevData */

/**
 * @typedef {Object} Probe means over the area, and the single pixel's exact values
 * @property {(number | null)[] | null} scene null: no data there
 * @property {(string | number)[] | null} exact
 * @property {(number | null)[] | null} code
 * @property {number[] | null} u
 * @property {number[] | null} cell
 * @property {number | null} stops
 */

/** @typedef {{kind: "beat"} | {kind: "gone", reason: string} | {kind: "cached", cached: {[shot: string]: [number, number][]}}} Event */

/**
 * Where the page's data comes from: HTTP (source.js), or a notebook's kernel. Every promise fails with a SourceError.
 * @typedef {Object} Source
 * @property {string} place where the data is, as texts name it: "server", "kernel"
 * @property {() => Promise<Session>} session
 * @property {() => Promise<string[]>} styles style sheets of the page, as text
 * @property {() => Promise<string>} shaderText
 * @property {(ref: FrameRef, into?: ArrayBuffer) => Promise<FrameData>} frame reads into `into` where it is large enough
 * @property {(request: SdevRef & {input: number, page: string}) => Promise<SdevData>} sdev
 * @property {(request: any) => Promise<{header: FrameHeader, pixels: Uint8ClampedArray<ArrayBuffer>}>} draw RGBA, and the
 *   header of side A's frame
 * @property {(request: any) => Promise<Probe>} probe
 * @property {(slot: number, look?: string) => Promise<any>} profile
 * @property {(request: any) => Promise<{path?: string, author?: any, slots?: any[], name?: string, file?: Blob}>} save
 * @property {(request: any) => Promise<{name: string, file: Blob}>} exportSdev
 * @property {(heard: (event: Event) => void) => () => void} onEvents returns what stops it
 * @property {() => Worker | null} scopeWorker null: scopes are counted in the page
 */

/** @typedef {{x: number, y: number, w: number, h: number}} Area full-resolution picture pixels */
/** @typedef {{width: number, height: number, ratio: number}} Viewport canvas pixels, and canvas pixels a CSS pixel */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {{source: Source, state: State, actions: Actions}} App */

export {};
