/** `/` goes to the search, Escape closes, a click elsewhere closes menus. */
const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

function escape(event) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (event.target.id === "q") {
    const search = event.target;
    if (search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
    } else search.blur();
    event.preventDefault();
  }
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") escape(event);
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const search = document.getElementById("q");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("dialog")) closeMenus(event.target);
});

// Up and down walk through an open menu.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const entries = [...menu.querySelectorAll("summary, .menu-list a, .menu-list button")].filter((one) => one.checkVisibility());
  const step = event.key === "ArrowDown" ? 1 : -1;
  entries[(entries.indexOf(event.target) + step + entries.length) % entries.length].focus();
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  const next = event.relatedTarget;
  // A question is part of the menu that asked it: after a no the focus comes back to where it was.
  if (menu && next && !menu.contains(next) && !next.closest("dialog")) menu.open = false;
});
