/**
 * Keeps what was typed into the form for a new video when its author leaves the page: in this tab, for this member. The
 * draft is deleted when the form is sent, or with "Discard draft".
 */
import { findAll } from "./dom.js";
import { fieldsOf, setValue } from "./form-fields.js";
import { onHtmx } from "./htmx.js";

/** @typedef {{ member?: string, sent?: boolean, values?: [string, string][] }} Draft */
const NAME = "reelboard.create-draft";

/** @returns {HTMLFormElement | null} */
const theForm = () => document.querySelector("form[data-draft]");

/** @returns {Draft} */
const stored = () => JSON.parse(sessionStorage.getItem(NAME) ?? "{}");

/** @param {boolean} sent */
function save(sent) {
  const form = theForm();
  if (!form) return;
  const values = [...fieldsOf(form)].map(({ name, value }) => [name, value]);
  sessionStorage.setItem(NAME, JSON.stringify({ member: document.body.dataset.member, sent, values }));
}

function restore() {
  const form = theForm();
  const draft = stored();
  if (draft.sent || draft.member !== document.body.dataset.member) return sessionStorage.removeItem(NAME);
  if (form?.dataset.draft !== "restore" || !draft.values?.some(([name, value]) => name === "prompt" && value.trim()))
    return;
  const values = new Map(draft.values);
  for (const field of fieldsOf(form)) if (values.get(field.name)) setValue(field, values.get(field.name) ?? "");
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

// It was not sent after all: the connection broke, or the form came back with errors.
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
