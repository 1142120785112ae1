/** Form helpers: Enter submits a one-line box, a form is sent once, clearing the filters clears the search. */
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

// The back-forward cache restores a page with its form as it was when it was sent.
addEventListener("pageshow", () => {
  for (const form of findAll(document, "[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// Before htmx reads the form: what is cleared would go along with the request that clears it.
document.addEventListener(
  "click",
  (event) => {
    const search = document.getElementById("q");
    if (search instanceof HTMLInputElement && closestTo(event, "[data-clears-search]")) search.value = "";
  },
  { capture: true },
);
