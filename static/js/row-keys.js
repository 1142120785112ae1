/**
 * Keys in rows: j and k or the arrow keys move, x selects, v and Space open the video. Anywhere else on the board, j
 * and k go to the first row.
 */
import { closestTo, find, focusTitle } from "./dom.js";

/** @type {Record<string, number>} */
const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/**
 * @param {Element} row
 * @param {number} step
 */
function moveFocus(row, step) {
  /** @type {Element | null} */
  let next = row;
  do next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
  while (next && !next.matches(".row"));
  focusTitle(next);
}

/**
 * Opens the row's video. Returns whether there is one.
 *
 * @param {Element} row
 */
function openVideo(row) {
  const href = row.querySelector(".row-thumbnail.playable")?.getAttribute("href");
  if (href) row.dispatchEvent(new CustomEvent("theater:open", { bubbles: true, detail: { href } }));
  return Boolean(href);
}

/** @param {KeyboardEvent} event */
const isOpening = ({ key, target }) =>
  (key === "v" || key === " ") && target instanceof Element && target.matches(".title");

/** @param {KeyboardEvent} event */
function isCall(event) {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return false;
  return !closestTo(event, "input, textarea, select, [contenteditable], dialog, .menu, video");
}

document.addEventListener("keydown", (event) => {
  const row = closestTo(event, ".row");
  if (!row && isCall(event)) {
    focusTitle(document.querySelector(".row"));
    event.preventDefault();
  }
  if (!row || closestTo(event, ".menu") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in STEPS) moveFocus(row, STEPS[event.key]);
  else if (event.key === "x" && !(event.target instanceof HTMLInputElement)) find(row, ".row-checkbox input").click();
  else if (!isOpening(event) || !openVideo(row)) return;
  event.preventDefault();
});
