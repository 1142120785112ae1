/** Rows that change where they stand, rows that go, and rows that are new. */
import { fetchTable, insertMissing } from "./live/merge-rows.js";
import { tellNew } from "./live/new-rows.js";
import { morph } from "./morph.js";

const board = () => document.getElementById("task-table");

/** The row in a frame, not yet in the page. */
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** Makes `row` what `fresh` says, unless it knows more already: frames come again after a reconnect. */
export function swap(row, fresh) {
  if (Number(fresh.dataset.version) <= Number(row.dataset.version)) return;
  const { status, condition } = row.dataset;
  morph(row, fresh);
  mark(row);
  if (fresh.dataset.status === status && fresh.dataset.condition === condition) return;
  delete row.dataset.changed;
  requestAnimationFrame(() => (row.dataset.changed = ""));
  const word = row.querySelector(".condition")?.textContent || row.querySelector(".status").firstChild.nextSibling?.data || "";
  const detail = { id: row.id, title: row.querySelector(".title").textContent, word: word.trim() };
  document.dispatchEvent(new CustomEvent("live:changed", { detail }));
}

/** A row that the filter would not show any more stays until the next page, and says so. */
function mark(row) {
  const { statusFilter } = board().dataset;
  row.toggleAttribute("data-filtered-out", Boolean(statusFilter) && statusFilter !== row.dataset.status);
}

document.addEventListener("live:task", ({ detail }) => {
  if (!board()) return;
  const fresh = parse(detail);
  const row = document.getElementById(fresh.id);
  row ? swap(row, fresh) : tellNew(board(), fresh);
});

document.addEventListener("live:gone", ({ detail }) => {
  const row = document.getElementById(`task-${detail}`);
  if (!row?.matches(".row")) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const hadFocus = row.contains(document.activeElement);
  row.remove();
  if (hadFocus) next?.querySelector(".title")?.focus({ preventScroll: true });
  if (!next) refetch();
});

async function refetch() {
  const fresh = board() && (await fetchTable());
  if (fresh && board()) insertMissing(board(), fresh, swap);
}

document.addEventListener("live:refetch", refetch);
document.addEventListener("live:missing", refetch);
document.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "highlight") delete target.dataset.changed;
});
