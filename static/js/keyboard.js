/** `/` focuses the search, `?` shows the keyboard shortcuts, Escape or a click elsewhere closes menus. */
import { closestTo, find, findAll } from "./dom.js";

const OPEN_MENU = "details.menu[open]";
const MENU_ENTRIES = "summary, .menu-list a, .menu-list button";

/** @param {Node | null} target a node in the menu that stays open */
function closeMenus(target) {
  for (const menu of findAll(document, OPEN_MENU)) if (!menu.contains(target)) closeMenu(menu);
}

/** @param {Element} menu */
function closeMenu(menu) {
  menu.removeAttribute("open");
}

/** @param {KeyboardEvent} event */
function handleEscape(event) {
  const menu = document.querySelector(OPEN_MENU);
  if (menu) {
    closeMenu(menu);
    find(menu, "summary").focus();
    event.preventDefault();
  } else if (event.target instanceof HTMLInputElement && event.target.id === "q") {
    clearOrLeave(event.target);
    event.preventDefault();
  }
}

/** @param {HTMLInputElement} search */
function clearOrLeave(search) {
  if (!search.value) return search.blur();
  search.value = "";
  search.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") handleEscape(event);
  if (event.key === "?" && !isTyping(event)) showKeys();
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (event.key === "j") follow('a[rel="next"]');
  if (event.key === "k") follow('a[rel="prev"]');
  if (event.key !== "/") return;
  const search = document.getElementById("q");
  if (!(search instanceof HTMLInputElement)) return;
  event.preventDefault();
  search.focus();
  search.select();
});

/** @param {string} selector of a link */
function follow(selector) {
  const link = document.querySelector(selector);
  if (link instanceof HTMLAnchorElement) link.click();
}

function showKeys() {
  const dialog = document.getElementById("keys-dialog");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

/** @param {Event} event */
const isTyping = ({ target }) =>
  target instanceof Element && target.matches("input, textarea, select, [contenteditable]");

document.addEventListener("click", (event) => {
  if (event.target instanceof Node && !closestTo(event, "dialog")) closeMenus(event.target);
});

// The arrow keys move through an open menu.
document.addEventListener("keydown", (event) => {
  const menu = closestTo(event, OPEN_MENU);
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const entries = findAll(menu, MENU_ENTRIES).filter((entry) => entry.checkVisibility());
  const step = event.key === "ArrowDown" ? 1 : -1;
  const current = entries.indexOf(/** @type {HTMLElement} */ (event.target));
  entries[(current + step + entries.length) % entries.length].focus();
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  const menu = closestTo(event, OPEN_MENU);
  const next = event.relatedTarget;
  // A confirmation belongs to the menu that opened it: if it is canceled, the focus returns to that menu.
  if (menu && next instanceof Element && !menu.contains(next) && !next.closest("dialog")) closeMenu(menu);
});
