/** Form helpers: Enter submits one-line text areas, forms are sent only once, clearing filters clears the search. */
import "./confirm.js"; // its listener comes first: a form that waits for a confirmation is not sent yet
import { closestTo, findAll } from "./dom.js";

document.addEventListener("keydown", (event) => {
  const form = closestTo(event, "form[data-enter-submits]");
  if (!(form instanceof HTMLFormElement) || !closestTo(event, "textarea") || event.isComposing) return;
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = closestTo(event, "[data-submit-once]");
  if (event.defaultPrevented || !form) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-busy", "true");
});

// The back/forward cache restores a page with its form as it was when it was sent.
addEventListener("pageshow", () => {
  for (const form of findAll(document, "[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// In the capture phase, before htmx reads the form. Otherwise the old search would be part of the request.
document.addEventListener(
  "click",
  (event) => {
    const search = document.getElementById("q");
    if (search instanceof HTMLInputElement && closestTo(event, "[data-clears-search]")) search.value = "";
  },
  { capture: true },
);
