/** Shows in the tab's title how many tasks finished while the tab was hidden. */
import { listen } from "./live/events.js";

const FINISHED = new Set(["completed", "failed"]);
const title = document.title;
/** @type {Set<string>} */
const finished = new Set();

function show() {
  document.title = finished.size ? `(${finished.size}) ${title}` : title;
}

listen("changed", ({ id, status }) => {
  if (!document.hidden || !FINISHED.has(status)) return;
  finished.add(id);
  show();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  finished.clear();
  show();
});
