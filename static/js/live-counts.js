/** Keeps the numbers on the filter chips true. */
document.addEventListener("live:counts", ({ detail }) => {
  const board = document.getElementById("task-table");
  const numbers = board?.dataset.scope === "all" ? (detail.all ?? detail.me) : detail.me;
  if (!board || !numbers) return;
  const all = Object.values(numbers).reduce((sum, number) => sum + number, 0);
  for (const [status, number] of Object.entries({ ...numbers, all })) {
    const place = board.querySelector(`[data-count="${status}"]`);
    if (place && place.textContent !== String(number)) place.textContent = number;
  }
});
