/**
 * Asks before actions that can't be undone: htmx requests with hx-confirm, and plain forms whose button has
 * data-confirm. Without JavaScript the server shows a confirmation page, unless the form has `confirmed=on`.
 */
import { find } from "./dom.js";
import { onHtmx } from "./htmx.js";
import { t } from "./translations.js";

const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("confirm"));

/**
 * Resolves to true if the user confirms. The browser then restores the focus.
 *
 * @param {string} question
 * @param {string} [label] label of the button that confirms
 * @returns {Promise<boolean>}
 */
function ask(question, label) {
  if (!dialog) return Promise.resolve(false);
  find(dialog, "#confirm-question").textContent = question;
  find(dialog, "[value=yes]").textContent = label || t("Continue");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}

onHtmx("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await ask(event.detail.question, event.detail.elt.dataset.confirmLabel)) event.detail.issueRequest(true);
});

/** @param {HTMLFormElement} form */
function isConfirmed(form) {
  const all = form.elements.namedItem("all");
  return Boolean(form.elements.namedItem("confirmed")) || (all instanceof HTMLInputElement && all.checked);
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || !submitter?.dataset.confirm || isConfirmed(form)) return;
  event.preventDefault();
  if (!(await ask(submitter.dataset.confirm, submitter.dataset.confirmLabel))) return;
  const confirmed = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "on" });
  form.append(confirmed);
  form.requestSubmit(submitter);
  confirmed.remove();
});
