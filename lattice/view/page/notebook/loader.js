/**
 * What a notebook runs, alone: it asks the kernel for the page's modules and shows the viewer in the cell's output.
 * Each module becomes a blob whose import statements name the blobs before it.
 */

/** @typedef {{name: string, text: string, imports: {[path: string]: string}}} Module */
/** @typedef {{id: string, status: number, json?: any, file?: string, kind?: string, cached?: any, errors?: any[]}} Facts */
/** @typedef {{facts: Facts, pieces: DataView[]}} Answer */
/** @typedef {(heard: Facts, pieces: DataView[]) => void} Hear */
/**
 * The part of anywidget's model that is used here.
 * @typedef {{send: (message: any) => void, on: (name: string, hear: Hear) => void, off: (name: string, hear: Hear) => void}} Model
 */
/**
 * @typedef {Object} Channel
 * @property {(what: string, body?: any) => Promise<Answer>} ask fails with the facts of another status than 200
 * @property {(told: (isAlive: boolean) => void) => () => void} watch tells of silence, and of its end
 * @property {() => void} close
 */

const SILENCE = 5000; // ms without a word of the kernel's, which says at once that it has heard
const HEARD = 102;

/** Requests to the kernel. @param {Model} model @returns {Channel} */
function connect(model) {
  const view = Math.random().toString(16).slice(2, 12); // other views of the model hear the same messages
  /** @type {Map<string, {resolve: (answer: Answer) => void, reject: (facts: Facts) => void, timer: number}>} */
  const waiting = new Map();
  /** @type {Set<(isAlive: boolean) => void>} */
  const watching = new Set();
  const tell = (/** @type {boolean} */ isAlive) => watching.forEach((told) => told(isAlive));
  let last = 0;
  /** @type {Hear} */
  const hear = (facts, pieces) => {
    const order = waiting.get(facts.id);
    if (!order) return;
    clearTimeout(order.timer);
    tell(true);
    if (facts.status === HEARD) return;
    waiting.delete(facts.id);
    if (facts.status === 200) order.resolve({ facts, pieces });
    else order.reject(facts);
  };
  model.on("msg:custom", hear);
  return {
    ask: (what, body = {}) => new Promise((resolve, reject) => {
      const id = `${view}-${++last}`;
      waiting.set(id, { resolve, reject, timer: setTimeout(() => tell(false), SILENCE) });
      model.send({ id, ask: what, body });
    }),
    watch: (told) => {
      watching.add(told);
      return () => watching.delete(told);
    },
    close: () => {
      model.off("msg:custom", hear);
      for (const { timer } of waiting.values()) clearTimeout(timer);
    },
  };
}

/** Blobs of modules, by name. @param {Module[]} modules each after those that it imports */
function blobs(modules) {
  /** @type {Map<string, string>} */
  const urls = new Map();
  for (const { name, text, imports } of modules) {
    let linked = text;
    for (const [path, from] of Object.entries(imports)) linked = linked.replaceAll(`"${path}"`, `"${urls.get(from)}"`);
    const blob = new Blob([linked, `\n//# sourceURL=lattice/${name}\n`], { type: "text/javascript" });
    urls.set(name, URL.createObjectURL(blob));
  }
  return urls;
}

/** @param {HTMLElement} el */
function placeIn(el) {
  const place = document.createElement("div");
  place.className = "lattice-view";
  place.dataset.lmSuppressShortcuts = "true"; // JupyterLab's keys rest while the viewer has the focus
  place.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(place);
  return place;
}

/** @param {{model: Model, el: HTMLElement}} facts @returns {Promise<() => void>} */
async function render({ model, el }) {
  const place = placeIn(el);
  const channel = connect(model);
  const { modules, styles } = (await channel.ask("page")).facts.json;
  const urls = blobs(modules);
  const load = (/** @type {string} */ name) => import(/** @type {string} */ (urls.get(name)));
  const [{ mount }, { kernelSource }] = await Promise.all([load("mount.js"), load("notebook/kernel.js")]);
  const source = kernelSource(channel, styles, urls.get("scopes.worker.js"));
  const { unmount } = await mount(place, source, { isPart: true });
  return () => {
    unmount();
    channel.ask("rest").catch(() => null); // a cell that runs again leaves this viewer behind
    channel.close();
    for (const url of urls.values()) URL.revokeObjectURL(url);
    place.remove();
  };
}

export default { render };
