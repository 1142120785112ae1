/** Handles tasks that the page doesn't show yet: the first page fetches them, other pages count them. */
import { findAll } from "../dom.js";
import { tn } from "../translations.js";
import { emit } from "./events.js";

const DELAY = 300; // ms: twenty new tasks cause a single request
const openedAt = Date.now();
/** @type {Set<string>} */
const newTasks = new Set();
let timer = 0;

/**
 * Handles a frame for a task that has no row on this page.
 *
 * @param {HTMLElement} board
 * @param {HTMLElement} fresh
 */
export function showNewTask(board, fresh) {
  if (!belongsOn(board, fresh)) return;
  if (board.dataset.firstPage === "true") {
    if (!timer) timer = setTimeout(requestMissing, DELAY);
  } else if (Date.parse(fresh.dataset.created ?? "") > openedAt) {
    newTasks.add(fresh.id);
    showCount(board);
  }
}

function requestMissing() {
  timer = 0;
  emit("missing");
}

/**
 * Whether the page may include the task, as far as the row shows. An old task that changed belongs on an older page.
 *
 * @param {HTMLElement} board
 * @param {HTMLElement} fresh
 */
function belongsOn({ dataset }, fresh) {
  if (dataset.statusFilter && dataset.statusFilter !== fresh.dataset.status) return false;
  if (dataset.conditionFilter && !fresh.dataset.condition) return false;
  const owner = dataset.scope === "me" ? document.body.dataset.member : dataset.scope;
  if (dataset.scope !== "all" && fresh.dataset.owner !== owner) return false;
  if (dataset.firstPage !== "true" || !document.getElementById("page-older")) return true;
  const oldest = findAll(document, "#rows > .row").at(-1)?.dataset.created;
  return !oldest || (fresh.dataset.created ?? "") >= oldest;
}

/** @param {HTMLElement} board */
function showCount(board) {
  const link = board.querySelector(".new-pill a") ?? addLink(board);
  // Translators: how many tasks are new.
  link.textContent = tn("%(count)s new", "%(count)s new", newTasks.size);
}

/** @param {HTMLElement} board */
function addLink(board) {
  const pill = Object.assign(document.createElement("p"), { className: "new-pill" });
  const link = Object.assign(document.createElement("a"), { className: "button primary small" });
  link.href = board.dataset.newest ?? "/";
  pill.append(link);
  board.querySelector("row-selection")?.before(pill);
  return link;
}
