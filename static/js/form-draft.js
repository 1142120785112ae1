/**
 * Keeps what was typed into the form of a new video while one is elsewhere: in this tab, for the member who typed it. It
 * is gone once the form was sent, or with "Discard draft".
 */
import { findAll } from "./dom.js";
import { onHtmx } from "./htmx.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */
/** @typedef {{ member?: string, sent?: boolean, values?: [string, string][] }} Draft */
const NAME = "reelboard.create-draft";
const EXCLUDED_TYPES = new Set(["hidden", "file", "submit", "button"]);

/** @returns {HTMLFormElement | null} */
const theForm = () => document.querySelector("form[data-draft]");

/** @returns {Draft} */
const stored = () => JSON.parse(sessionStorage.getItem(NAME) ?? "{}");

/** @param {HTMLFormElement} form */
const fieldsOf = (form) =>
  [...form.elements].filter(
    (element) =>
      "name" in element &&
      element.name &&
      "type" in element &&
      !EXCLUDED_TYPES.has(/** @type {Field} */ (element).type),
  );

/** @param {boolean} sent */
function save(sent) {
  const form = theForm();
  if (!form) return;
  const values = fieldsOf(form).map((element) => {
    const field = /** @type {Field} */ (element);
    return [field.name, field.value];
  });
  sessionStorage.setItem(NAME, JSON.stringify({ member: document.body.dataset.member, sent, values }));
}

function restore() {
  const form = theForm();
  const draft = stored();
  if (draft.sent || draft.member !== document.body.dataset.member) return sessionStorage.removeItem(NAME);
  if (form?.dataset.draft !== "restore" || !draft.values?.some(([name, value]) => name === "prompt" && value.trim()))
    return;
  for (const [name, value] of draft.values) {
    const field = form.elements.namedItem(name);
    if (!field || !("value" in field) || !value) continue;
    const before = field.value;
    field.value = value;
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = before; // that key is gone
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.querySelector('[name="model"]')?.dispatchEvent(new Event("change", { bubbles: true }));
  for (const button of findAll(form, "[data-discard-draft]")) button.hidden = false;
}

document.addEventListener("input", ({ target }) => {
  if (target instanceof Element && target.closest("form[data-draft]")) save(false);
});

document.addEventListener("submit", ({ target }) => {
  if (target === theForm()) save(true);
});

// Not sent after all: the connection broke, or the form came back with what is wrong.
onHtmx("htmx:afterRequest", ({ detail }) => {
  // `successful` is not set where the answer is a redirect.
  if (detail.elt === theForm() && !(detail.xhr.status >= 200 && detail.xhr.status < 400)) save(false);
});

document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element) || !target.closest("[data-discard-draft]")) return;
  sessionStorage.removeItem(NAME);
  location.reload();
});

restore();
