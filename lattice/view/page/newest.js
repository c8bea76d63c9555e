/** One request in flight; of those that came meanwhile the newest follows, the others are forgotten. */

/**
 * @template T
 * @param {(wish: T) => Promise<void>} run says its faults itself
 * @returns {(wish: T) => void}
 */
export function newest(run) {
  let busy = false;
  /** @type {{wish: T} | null} */
  let next = null;
  return async (wish) => {
    next = { wish };
    if (busy) return;
    busy = true;
    while (next) {
      const now = next.wish;
      next = null;
      await run(now);
    }
    busy = false;
  };
}
