/** Tasks that the page does not show yet: they are fetched with the filter of the page, and put where they belong. */
import { isLogin, toLogin } from "../requests.js";

const PAUSE = 300; // ms, so that twenty new tasks are one request
const openedAt = Date.now();
const unseen = new Set();
let timer = 0;

/** A frame for a task that has no row here. */
export function tellNew(board, fresh) {
  if (!belongs(board, fresh)) return;
  if (board.dataset.firstPage === "true") {
    timer ||= setTimeout(() => ((timer = 0), document.dispatchEvent(new CustomEvent("live:missing"))), PAUSE);
  } else if (Date.parse(fresh.dataset.created) > openedAt) {
    unseen.add(fresh.id);
    pill(board);
  }
}

/** Whether the filter could show it, as far as a row tells: an old task that changed is of an older page. */
function belongs({ dataset }, fresh) {
  if (dataset.statusFilter && dataset.statusFilter !== fresh.dataset.status) return false;
  if (dataset.scope === "me" && fresh.dataset.owner !== document.body.dataset.member) return false;
  const oldest = [...document.querySelectorAll("#rows > .row")].at(-1);
  const hasOlder = document.getElementById("page-older");
  return !(dataset.firstPage === "true" && hasOlder && oldest && fresh.dataset.created < oldest.dataset.created);
}

function pill(board) {
  let place = board.querySelector(".new-pill");
  if (!place) {
    place = document.createElement("p");
    place.className = "new-pill";
    place.append(Object.assign(document.createElement("a"), { className: "button primary small", href: board.dataset.newest }));
    board.querySelector(".table")?.before(place);
  }
  place.firstChild.textContent = `${unseen.size} new`;
}

/** The table as the server sees it now; null if it does not answer. */
export async function fetchTable() {
  try {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true" } });
    if (isLogin(answer.url)) toLogin();
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("task-table");
  } catch {
    return null;
  }
}

/** Puts in what is missing, changes what is older, takes away nothing. */
export function insertMissing(board, fresh, swap) {
  for (const count of fresh.querySelectorAll("[data-count]")) {
    const place = board.querySelector(`[data-count="${count.dataset.count}"]`);
    if (place) place.textContent = count.textContent;
  }
  const rows = document.getElementById("rows");
  if (!rows?.children.length || !fresh.querySelector(".row")) return replaceEmpty(board, fresh);
  let before = null;
  for (const wanted of fresh.querySelectorAll(".row")) {
    let row = document.getElementById(wanted.id);
    if (row) swap(row, wanted);
    else row = put(rows, document.importNode(wanted, true), before);
    before = row;
  }
}

function put(rows, row, before) {
  before ? before.after(row) : rows.prepend(row);
  window.htmx?.process(row);
  row.dataset.changed = "";
  return row;
}

/** From no rows to some, or the other way round: there is nothing to disturb. */
function replaceEmpty(board, fresh) {
  const old = board.querySelector(".table, .empty");
  const place = fresh.querySelector(".table, .empty");
  if (!old || !place || (old.matches(".empty") && place.matches(".empty"))) return;
  if (place.matches(".empty") && board.querySelector(".row")) return;
  const added = document.importNode(place, true);
  old.replaceWith(added);
  window.htmx?.process(added);
}
