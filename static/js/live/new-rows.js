/** Tasks that the page does not show yet: on the first page they are asked for, on an older one they are counted. */

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
