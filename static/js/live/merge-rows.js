/** The table as it is now, laid into the one on the page without disturbing it. */
import { isLogin, toLogin } from "../requests.js";

/** The table as the server sees it now; null if it does not answer. */
export async function fetchTable() {
  try {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true", "X-Background": "true" } });
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
  addPager(board, fresh);
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

/** More tasks than a page holds may have come in at once; a way to the older ones that is there already stays right. */
function addPager(board, fresh) {
  const pager = fresh.querySelector(".pager");
  if (!pager || board.querySelector(".pager")) return;
  const added = document.importNode(pager, true);
  board.append(added);
  window.htmx?.process(added);
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
