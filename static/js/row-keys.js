/** Walking the rows: j and k or the arrows, x selects. They work only while the focus is in the rows. */
const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function step(row, by) {
  let next = row;
  do next = by > 0 ? next?.nextElementSibling : next?.previousElementSibling;
  while (next && !next.matches(".row"));
  next?.querySelector(".title").focus();
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".row");
  if (!row || event.target.closest(".menu") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in STEPS) step(row, STEPS[event.key]);
  else if (event.key === "x" && !event.target.matches("input")) row.querySelector(".row-checkbox input").click();
  else return;
  event.preventDefault();
});
