/** Updates the counts on the filter chips. */
import { listen } from "./live/events.js";

listen("counts", (counts) => {
  const board = document.getElementById("task-table");
  const byStatus = board?.dataset.scope === "all" ? (counts.all ?? counts.me) : counts.me;
  if (!board || !byStatus) return;
  const all = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  for (const [status, count] of Object.entries({ ...byStatus, all })) {
    const place = board.querySelector(`[data-count="${status}"]`);
    if (place && place.textContent !== String(count)) place.textContent = String(count);
  }
});
