/** What htmx leaves open: an ended session, an answer that is a problem, messages that come along. */
import { keepDrafts } from "./drafts.js";

const say = (text, level) => document.querySelector("message-list")?.say(text, level);

/** The login page, coming back here afterwards, with what was typed. */
export function toLogin() {
  const next = encodeURIComponent(location.pathname + location.search);
  try {
    keepDrafts();
  } finally {
    location.assign(`${document.body.dataset.login}?next=${next}`); // also where a browser keeps nothing
  }
}

/** Whether this address is the login page, where a request lands once the session has ended. */
export const isLogin = (href) => Boolean(href) && new URL(href, location.href).pathname === document.body.dataset.login;

// Addresses without `q=&model=`.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isLogin(event.detail.xhr.responseURL)) return;
  event.detail.shouldSwap = false;
  toLogin();
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) return toLogin();
  const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  const problem = page.querySelector("[data-error-status]");
  const words = [problem?.querySelector("h1"), problem?.querySelector("h1 + p")];
  const told = words.map((one) => one?.textContent.trim()).filter(Boolean);
  say(told.join(". ") || `The server answered ${detail.xhr.status}. Try again in a moment.`, "error");
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => say("The server could not be reached. Try again in a moment.", "error"));
}

// The server sends these along in HX-Trigger.
document.addEventListener("messages", ({ detail }) => {
  for (const { text, level } of detail.messages ?? []) say(text, level);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || !detail.elt.matches("[data-removes-row]")) return;
  const row = detail.elt.closest(".row");
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  row?.remove();
  if (next) next.querySelector(".title")?.focus();
  else document.dispatchEvent(new CustomEvent("live:refetch"));
});
