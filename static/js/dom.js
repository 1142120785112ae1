/** Typed shorthands for the DOM. */

/**
 * Returns the closest matching element around the target of an event; null for events of the document itself.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closestTo(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export const findAll = (parent, selector) => [
  .../** @type {NodeListOf<HTMLElement>} */ (parent.querySelectorAll(selector)),
];

/**
 * Returns an element that the template always renders. Throws if it is missing.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {T}
 */
export function find(parent, selector) {
  const element = parent.querySelector(selector);
  if (!element) throw new Error(`missing element: ${selector}`);
  return /** @type {T} */ (element);
}

/**
 * Moves the focus to the title of a row, if there is one.
 *
 * @param {Element | null | undefined} row
 * @param {FocusOptions} [options]
 */
export function focusTitle(row, options) {
  const title = row?.querySelector(".title");
  if (title instanceof HTMLElement) title.focus(options);
}

/** @param {string} html */
export const parsePage = (html) => new DOMParser().parseFromString(html, "text/html");
