/** The parts of htmx that our modules use. */

/**
 * Activates the htmx attributes in content that a script inserted.
 *
 * @param {Node} element
 */
export function processHtmx(element) {
  const { htmx } = /** @type {{ htmx?: { process(element: Node): void } }} */ (/** @type {unknown} */ (window));
  htmx?.process(element);
}

/**
 * @param {Element} element
 * @param {string} name name of the event
 */
export function triggerHtmx(element, name) {
  const { htmx } = /** @type {{ htmx?: { trigger(element: Element, name: string): void } }} */ (
    /** @type {unknown} */ (window)
  );
  htmx?.trigger(element, name);
}

/**
 * Listens for an event from htmx, or one that the server names in `HX-Trigger`.
 *
 * @param {string} name
 * @param {(event: CustomEvent) => void} listener
 */
export function onHtmx(name, listener) {
  document.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event)));
}
