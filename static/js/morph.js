/**
 * Changes an element into a fresh one of the same shape, node by node, so that focus, ticked boxes, open menus, drawn
 * pictures and selected text elsewhere stay as they are.
 */
const OURS = new Set(["open", "title", "data-changed", "data-filtered-out", "style"]);
// These fill themselves: only their attributes are taken over.
const SELF_FILLED = "relative-time, elapsed-time, video-poster, live-stream";

export function morph(old, fresh) {
  attributes(old, fresh);
  if (!old.matches(SELF_FILLED)) children(old, fresh);
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (name === "open" || old.getAttribute(name) === value) continue;
    old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OURS.has(name) && !name.startsWith("aria-") && name !== "class") old.removeAttribute(name);
  }
}

function children(old, fresh) {
  let here = meaningful(old.firstChild);
  for (const wanted of nodes(fresh)) {
    const found = match(here, wanted);
    if (!found) {
      const added = document.importNode(wanted, true);
      old.insertBefore(added, here);
      window.htmx?.process(added.nodeType === Node.ELEMENT_NODE ? added : old);
      continue;
    }
    while (here !== found) here = dropped(here);
    if (found.nodeType === Node.TEXT_NODE) {
      if (found.data !== wanted.data) found.data = wanted.data;
    } else if (!untouchable(found)) morph(found, wanted);
    here = meaningful(found.nextSibling);
  }
  while (here) here = dropped(here);
}

const nodes = (parent) => [...parent.childNodes].filter(counts);
const counts = (node) => node.nodeType === Node.ELEMENT_NODE || (node.nodeType === Node.TEXT_NODE && node.data.trim());
// What a person is typing into is theirs.
const untouchable = (element) => element === document.activeElement && element.matches("input, textarea, select");

function meaningful(node) {
  while (node && !counts(node)) node = node.nextSibling;
  return node;
}

function dropped(node) {
  const next = meaningful(node.nextSibling);
  if (node.contains?.(document.activeElement)) node.closest(".row")?.querySelector(".title")?.focus({ preventScroll: true });
  node.remove();
  return next;
}

/** The first node from `here` on that may become `wanted`; text only where it stands. */
function match(here, wanted) {
  if (wanted.nodeType === Node.TEXT_NODE) return here?.nodeType === Node.TEXT_NODE ? here : null;
  for (let node = here; node; node = meaningful(node.nextSibling)) if (sameKind(node, wanted)) return node;
  return null;
}

function sameKind(node, wanted) {
  if (node.nodeName !== wanted.nodeName || node.id !== wanted.id) return false;
  return kind(node) === kind(wanted);
}

// The first class says what an element is; htmx and we add others behind it.
const kind = (node) => node.dataset?.key ?? node.classList?.[0] ?? "";
