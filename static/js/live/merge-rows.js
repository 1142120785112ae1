/** Merges the server's current table into the one on the page, in place. */
import { findAll, parsePage } from "../dom.js";
import { processHtmx } from "../htmx.js";
import { pageHref } from "../page-href.js";
import { isLoginUrl, redirectToLogin } from "../requests.js";

/** Fetches the current table from the server. Returns null if that fails. */
export async function fetchTable() {
  try {
    const response = await fetch(pageHref(), { headers: { "HX-Request": "true", "X-Background": "true" } });
    if (isLoginUrl(response.url)) redirectToLogin();
    if (!response.ok) return null;
    return parsePage(await response.text()).getElementById("task-table");
  } catch {
    return null;
  }
}

/**
 * @param {HTMLElement} board
 * @param {HTMLElement} fresh
 */
export function updateCounts(board, fresh) {
  for (const count of findAll(fresh, "[data-count]")) {
    const place = board.querySelector(`[data-count="${count.dataset.count}"]`);
    if (place && place.textContent !== count.textContent) place.textContent = count.textContent;
  }
}

/**
 * Inserts missing rows and updates older ones. Removes nothing.
 *
 * @param {HTMLElement} board
 * @param {HTMLElement} fresh
 * @param {(row: HTMLElement, fresh: HTMLElement) => void} updateRow
 */
export function insertMissing(board, fresh, updateRow) {
  updateCounts(board, fresh);
  addPager(board, fresh);
  const rows = document.getElementById("rows");
  if (!rows?.children.length || !fresh.querySelector(".row")) return replaceEmpty(board, fresh);
  /** @type {HTMLElement | null} */
  let previous = null;
  for (const wanted of findAll(fresh, ".row")) {
    const row = document.getElementById(wanted.id);
    if (row) updateRow(row, wanted);
    previous = row ?? insertAfter(rows, document.importNode(wanted, true), previous);
  }
}

/**
 * Adds a pager if new tasks have filled more than one page. An existing pager stays correct.
 *
 * @param {HTMLElement} board
 * @param {HTMLElement} fresh
 */
function addPager(board, fresh) {
  const pager = fresh.querySelector(".pager");
  if (!pager || board.querySelector(".pager")) return;
  const added = document.importNode(pager, true);
  board.append(added);
  processHtmx(added);
}

/**
 * @param {HTMLElement} rows
 * @param {HTMLElement} row
 * @param {HTMLElement | null} previous
 */
function insertAfter(rows, row, previous) {
  if (previous) previous.after(row);
  else rows.prepend(row);
  processHtmx(row);
  row.dataset.changed = "";
  return row;
}

/**
 * Replaces an empty table with rows, or the reverse. Then there is nothing to preserve.
 *
 * @param {HTMLElement} board
 * @param {HTMLElement} fresh
 */
function replaceEmpty(board, fresh) {
  const old = board.querySelector("row-selection, .empty");
  const wanted = fresh.querySelector("row-selection, .empty");
  if (!old || !wanted || (old.matches(".empty") && wanted.matches(".empty"))) return;
  if (wanted.matches(".empty") && board.querySelector(".row")) return;
  const added = document.importNode(wanted, true);
  old.replaceWith(added);
  processHtmx(added);
}
