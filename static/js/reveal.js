/** Moves menus that open, and filter chips that get the focus, into view. */

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.matches(".menu")) return;
    const list = target.querySelector(".menu-list");
    delete target.dataset.opens;
    if (!target.open || !list) return;
    const below = innerHeight - target.getBoundingClientRect().bottom;
    const above = target.getBoundingClientRect().top;
    if (list.getBoundingClientRect().height > below && above > below) target.dataset.opens = "up";
  },
  true,
);

document.addEventListener("focusin", ({ target }) => {
  if (target instanceof Element && target.matches(".chip"))
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
});
