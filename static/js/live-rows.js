/** Updates rows in place, removes rows of deleted tasks, and adds new ones. */
import { find, focusTitle } from "./dom.js";
import { emit, listen } from "./live/events.js";
import { fetchTable, insertMissing } from "./live/merge-rows.js";
import { showNewTask } from "./live/new-rows.js";
import { morph } from "./morph.js";

const getBoard = () => document.getElementById("task-table");

/**
 * Parses the row in a frame. It is not in the page yet.
 *
 * @param {string} html
 */
function parseRow(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return find(template.content, ".row");
}

/**
 * Updates `row` to `fresh`, unless `row` is already as new: frames are repeated after a reconnect.
 *
 * @param {HTMLElement} row
 * @param {HTMLElement} fresh
 */
export function updateRow(row, fresh) {
  if (Number(fresh.dataset.version) <= Number(row.dataset.version)) return;
  const { status, condition } = row.dataset;
  morph(row, fresh);
  markFilteredOut(row);
  if (fresh.dataset.status === status && fresh.dataset.condition === condition) return;
  delete row.dataset.changed;
  requestAnimationFrame(() => {
    row.dataset.changed = "";
  });
  emit("changed", {
    id: row.id,
    title: find(row, ".title").textContent ?? "",
    word: stateWord(row),
    status: row.dataset.status ?? "",
  });
}

/** @param {HTMLElement} row */
function stateWord(row) {
  // The status consists of an icon, a text node and, sometimes, the progress.
  const status = find(row, ".status").firstChild?.nextSibling;
  const word = row.querySelector(".condition")?.textContent || (status instanceof Text ? status.data : "");
  return word.trim();
}

/**
 * Marks a row that no longer matches the filter. It stays until the next page load.
 *
 * @param {HTMLElement} row
 */
function markFilteredOut(row) {
  const { statusFilter = "", conditionFilter = "" } = getBoard()?.dataset ?? {};
  const hasOtherStatus = statusFilter !== "" && statusFilter !== row.dataset.status;
  row.toggleAttribute("data-filtered-out", hasOtherStatus || (conditionFilter !== "" && !row.dataset.condition));
}

async function refetch() {
  const fresh = getBoard() && (await fetchTable());
  const board = getBoard();
  if (fresh && board) insertMissing(board, fresh, updateRow);
}

listen("task", (html) => {
  const board = getBoard();
  if (!board) return;
  const fresh = parseRow(html);
  const row = document.getElementById(fresh.id);
  if (row) updateRow(row, fresh);
  else showNewTask(board, fresh);
});

listen("gone", (id) => {
  const row = document.getElementById(`task-${id}`);
  if (!row?.matches(".row")) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const hadFocus = row.contains(document.activeElement);
  row.remove();
  if (hadFocus) focusTitle(next, { preventScroll: true });
  if (!next) refetch();
});

listen("refetch", refetch);
listen("missing", refetch);
document.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "highlight" && target instanceof HTMLElement) delete target.dataset.changed;
});
