/** Handles what htmx doesn't: ended sessions, error pages, messages in responses. */
import { focusTitle, parsePage } from "./dom.js";
import { saveDrafts } from "./drafts.js";
import { onHtmx } from "./htmx.js";
import { emit } from "./live/events.js";
import { showMessage } from "./message-list.js";
import { t } from "./translations.js";

/** Redirects to the login page, which leads back here, and saves what was typed. */
export function redirectToLogin() {
  const next = encodeURIComponent(location.pathname + location.search);
  try {
    saveDrafts();
  } finally {
    location.assign(`${document.body.dataset.login}?next=${next}&ended=on`); // even if the browser stores nothing
  }
}

/**
 * Whether this is the login page, which requests are redirected to after the session has ended.
 *
 * @param {string} href
 */
export const isLoginUrl = (href) =>
  Boolean(href) && new URL(href, location.href).pathname === document.body.dataset.login;

// Removes empty parameters from URLs, such as `q=&model=`.
onHtmx("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
});

onHtmx("htmx:beforeSwap", ({ detail }) => {
  if (!isLoginUrl(detail.xhr.responseURL)) return;
  detail.shouldSwap = false;
  redirectToLogin();
});

onHtmx("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) return redirectToLogin();
  const error = parsePage(detail.xhr.responseText).querySelector("[data-error-status]");
  const title = error?.querySelector("h1")?.textContent?.trim() ?? "";
  const advice = error?.querySelector("h1 + p")?.textContent?.trim() ?? "";
  const text = title && advice ? t("%(title)s. %(advice)s", { title, advice }) : title || advice;
  const { status } = detail.xhr;
  showMessage(text || t("The server responded with %(status)s. Try again in a moment.", { status }), "error");
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  onHtmx(failure, () => showMessage(t("The server couldn't be reached. Try again in a moment."), "error"));
}

// The server sends messages in HX-Trigger. This reads the header instead of listening for htmx's event: the live stream
// may remove the row before the response arrives, and then the event of its button would not reach the document.
onHtmx("htmx:beforeSend", ({ detail }) => {
  detail.xhr.addEventListener("load", () => {
    const header = detail.xhr.getResponseHeader("HX-Trigger");
    if (!header?.startsWith("{")) return;
    for (const { text, level, undo } of JSON.parse(header).messages?.messages ?? []) showMessage(text, level, undo);
  });
});

onHtmx("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || !detail.elt.matches("[data-removes-row]")) return;
  const row = detail.elt.closest(".row");
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  row?.remove();
  if (next) focusTitle(next);
  else emit("refetch");
});
