/**
 * The document events that the live stream is translated to.
 *
 * @typedef {"connecting" | "live" | "reconnecting" | "stale"} StreamState
 * @typedef {object} LiveEvents
 * @property {string} task the HTML of a row that is new or has changed
 * @property {string} gone the ID of a task that was removed or deleted
 * @property {{ me: Record<string, number> | null, all: Record<string, number> | null }} counts tasks by status
 * @property {undefined} refetch the page may be out of date
 * @property {undefined} missing the first page lacks a new task
 * @property {{ state: StreamState, since: number }} state whether the page is up to date; `since`: last frame, in ms
 * @property {{ id: string, title: string, word: string, status: string }} changed a task's status or condition changed
 */

/**
 * @template {keyof LiveEvents} K
 * @param {K} name
 * @param {LiveEvents[K]} [detail]
 */
export function emit(name, detail) {
  document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
}

/**
 * Listens for an event. Returns a function that stops listening.
 *
 * @template {keyof LiveEvents} K
 * @param {K} name
 * @param {(detail: LiveEvents[K]) => void} listener
 */
export function listen(name, listener) {
  const handler = (/** @type {Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
  document.addEventListener(`live:${name}`, handler);
  return () => document.removeEventListener(`live:${name}`, handler);
}
