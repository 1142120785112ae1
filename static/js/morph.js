/**
 * Updates an element to match a fresh one of the same kind, node by node, so that focus, checked boxes, open menus,
 * loaded pictures and selected text are preserved.
 */
import { focusTitle } from "./dom.js";
import { processHtmx } from "./htmx.js";

// Attributes that scripts set and the server doesn't know about.
const CLIENT_ATTRIBUTES = new Set(["open", "title", "class", "data-changed", "data-filtered-out", "style"]);
// Elements that render their own content: only their attributes are updated.
const SELF_RENDERED = "relative-time, elapsed-time, live-stream, notify-switch";

/**
 * @param {Element} old
 * @param {Element} fresh
 */
export function morph(old, fresh) {
  const hasOtherActions = morphAttributes(old, fresh);
  if (!old.matches(SELF_RENDERED)) morphChildren(old, fresh);
  if (hasOtherActions) processHtmx(old);
}

/**
 * Returns whether an attribute of htmx has changed.
 *
 * @param {Element} old
 * @param {Element} fresh
 */
function morphAttributes(old, fresh) {
  const changed = [];
  for (const { name, value } of fresh.attributes) {
    if (name === "open" || old.getAttribute(name) === value) continue;
    old.setAttribute(name, value);
    changed.push(name);
  }
  for (const { name } of [...old.attributes]) {
    if (fresh.hasAttribute(name) || CLIENT_ATTRIBUTES.has(name) || name.startsWith("aria-")) continue;
    old.removeAttribute(name);
    changed.push(name);
  }
  return changed.some((name) => name.startsWith("hx-"));
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function morphChildren(old, fresh) {
  let current = skipIgnored(old.firstChild);
  for (const wanted of [...fresh.childNodes].filter(isSignificant)) {
    const found = findMatch(current, wanted);
    if (!found) {
      insertBefore(old, wanted, current);
      continue;
    }
    while (current && current !== found) current = removeNode(current);
    if (found instanceof Text && wanted instanceof Text) updateText(found, wanted);
    else if (found instanceof Element && wanted instanceof Element && !isBeingEdited(found)) morph(found, wanted);
    current = skipIgnored(found.nextSibling);
  }
  while (current) current = removeNode(current);
}

/**
 * @param {Element} parent
 * @param {Node} wanted
 * @param {Node | null} next
 */
function insertBefore(parent, wanted, next) {
  const added = document.importNode(wanted, true);
  parent.insertBefore(added, next);
  processHtmx(added instanceof Element ? added : parent);
}

/**
 * @param {Text} old
 * @param {Text} fresh
 */
function updateText(old, fresh) {
  if (old.data !== fresh.data) old.data = fresh.data;
}

/** @param {Node} node */
const isSignificant = (node) => node instanceof Element || (node instanceof Text && node.data.trim() !== "");

/** @param {Element} element */
const isBeingEdited = (element) => element === document.activeElement && element.matches("input, textarea, select");

/**
 * Returns the first significant node, starting at `node`.
 *
 * @param {Node | null} node
 */
function skipIgnored(node) {
  let current = node;
  while (current && !isSignificant(current)) current = current.nextSibling;
  return current;
}

/**
 * Removes the node and returns the next one.
 *
 * @param {Node} node
 */
function removeNode(node) {
  const next = skipIgnored(node.nextSibling);
  if (node instanceof Element && node.contains(document.activeElement)) {
    focusTitle(node.closest(".row"), { preventScroll: true });
  }
  node.parentNode?.removeChild(node);
  return next;
}

/**
 * Returns the first node, starting at `start`, that can be updated to `wanted`. Text only matches in the same place.
 *
 * @param {Node | null} start
 * @param {Node} wanted
 */
function findMatch(start, wanted) {
  if (wanted instanceof Text) return start instanceof Text ? start : null;
  for (let node = start; node; node = skipIgnored(node.nextSibling)) if (isSameKind(node, wanted)) return node;
  return null;
}

/**
 * @param {Node} node
 * @param {Node} wanted
 */
function isSameKind(node, wanted) {
  if (!(node instanceof Element && wanted instanceof Element)) return false;
  return node.nodeName === wanted.nodeName && node.id === wanted.id && kindOf(node) === kindOf(wanted);
}

/**
 * Returns `data-key` or the first class, which says what an element is. htmx and our scripts append other classes.
 *
 * @param {Element} element
 */
const kindOf = (element) => (element instanceof HTMLElement && element.dataset.key) || element.classList[0] || "";
