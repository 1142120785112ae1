/** Small helps for forms: Enter sends a one-line box, a form is sent once, a cleared filter clears the search. */
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-enter-submits]");
  if (!form || event.target.tagName !== "TEXTAREA" || event.isComposing) return;
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-submit-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-busy", "true");
});

// A page from the back-forward cache comes with its form as it was sent.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

document.addEventListener("click", (event) => {
  const search = document.getElementById("q");
  if (search && event.target.closest?.("[data-clears-search]")) search.value = "";
});
