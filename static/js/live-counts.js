/** Updates the counts on the filter chips. */
import { listen } from "./live/events.js";
import { fetchTable, updateCounts } from "./live/merge-rows.js";
import { formatCount } from "./translations.js";

const DELAY = 2000; // ms: a burst of changes causes a single request
let timer = 0;

/** Fetches the counts of a search or filter from the server: the stream only counts whole boards. */
async function refetchCounts() {
  timer = 0;
  const fresh = await fetchTable();
  const board = document.getElementById("task-table");
  if (fresh && board) updateCounts(board, fresh);
}

listen("counts", (counts) => {
  const board = document.getElementById("task-table");
  if (board?.dataset.narrowed === "true") {
    if (!timer) timer = setTimeout(refetchCounts, DELAY);
    return;
  }
  const byStatus = board?.dataset.scope === "all" ? (counts.all ?? counts.me) : counts.me;
  if (!board || !byStatus) return;
  const all = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  for (const [status, count] of Object.entries({ ...byStatus, all })) {
    const place = board.querySelector(`[data-count="${status}"]`);
    const text = formatCount(count);
    if (place && place.textContent !== text) place.textContent = text;
  }
});
