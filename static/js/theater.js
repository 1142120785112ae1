/**
 * Opens a task's video above the page: by a click on a finished task's thumbnail or on `[data-theater-href]`, or by the
 * event `theater:open` with `{ href }`. Either is the URL of the task's page, which the address bar then shows.
 *
 * The theater has one entry in the history. Back closes it, and a reload gives the task's page.
 */
import { closestTo, find, focusTitle, parsePage } from "./dom.js";
import { processHtmx } from "./htmx.js";
import { listen } from "./live/events.js";
import { momentIn, seekTo } from "./moment.js";
import { isLoginUrl, redirectToLogin } from "./requests.js";
import { t } from "./translations.js";

/** @typedef {{ theater: string, page: string }} Entry of the history: the URL of the task, and that of the page below */

const OPENER = "[data-theater-href], .row-thumbnail.playable";
const WITHIN = "#theater :is(a[rel], .video-list a:not(.button))";
const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("theater"));
const loadedAs = history.state?.theater ? location.pathname : ""; // the theater's entry was reloaded
let opener = ""; // the ID of the row
/** @type {HTMLElement | null} */
let focused = null;
let latest = 0; // counts requests: only the last one is shown
let isReturning = false; // the dialog was closed, and its entry in the history is about to be left

/** @param {string} selector */
const part = (selector) => find(/** @type {HTMLDialogElement} */ (dialog), selector);

/**
 * Returns the URL of the fragment: `/tasks/<uuid>/theater`, with the filters of the board for its neighbors.
 *
 * @param {string} href
 * @param {string} page
 */
function fragmentHref(href, page) {
  const url = new URL(href, location.href);
  url.pathname += "/theater";
  url.hash = "";
  if (!url.searchParams.has("board")) url.searchParams.set("board", new URL(page).search.slice(1));
  return url.href;
}

/** @param {string} href */
function publicHref(href) {
  const url = new URL(href, location.href);
  url.searchParams.delete("board");
  return url.href;
}

/**
 * @param {string} href
 * @param {Element} from what was activated
 */
function open(href, from) {
  if (new URL(href, location.href).origin !== location.origin) return;
  if (!dialog) return location.assign(href);
  if (dialog.open) return show(href);
  opener = from.closest(".row")?.id ?? "";
  focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const page = location.href;
  history.pushState({ theater: href, page }, "", publicHref(href));
  enter(href, page);
}

/**
 * @param {string} href
 * @param {string} page
 */
function enter(href, page) {
  const messages = document.getElementById("messages");
  if (messages) dialog?.append(messages); // what is outside of a modal dialog is inert
  dialog?.showModal();
  load(href, page);
}

/**
 * Shows another task or video in place of the current one.
 *
 * @param {string} href
 */
function show(href) {
  const { page } = /** @type {Entry} */ (history.state);
  history.replaceState({ theater: href, page }, "", publicHref(href));
  load(href, page);
}

/**
 * @param {string} href
 * @param {string} page
 */
async function load(href, page) {
  latest += 1;
  const request = latest;
  const action = document.activeElement?.closest("[data-act]")?.getAttribute("data-act") ?? "";
  showMessage(t("Loading…"), "");
  const fresh = await fetchFragment(fragmentHref(href, page));
  if (request !== latest || !dialog?.open) return;
  if (typeof fresh === "string") return showMessage(fresh, publicHref(href));
  fill(fresh);
  focusAgain(action);
  seekTo(fresh.querySelector("video"), momentIn(new URL(href, location.href).hash));
}

/** @param {HTMLElement} fresh */
function fill(fresh) {
  const { title, state } = fresh.dataset;
  part("#theater-title").textContent = title ?? "";
  part("#theater-state").textContent = state ?? "";
  part("#theater-message").hidden = true;
  part("#theater-content").replaceWith(fresh);
  processHtmx(fresh);
}

/**
 * Shows a sentence in place of a task.
 *
 * @param {string} text
 * @param {string} href of the task, to try again; empty while it is loaded
 */
function showMessage(text, href) {
  const content = part("#theater-content");
  stop(content);
  content.replaceChildren();
  const message = part("#theater-message");
  find(message, "p").textContent = text;
  find(message, "div").hidden = !href;
  /** @type {HTMLAnchorElement} */ (find(message, "a")).href = href;
  message.hidden = false;
  if (!content.closest("dialog")?.contains(document.activeElement)) part("#theater-title").focus();
}

/** @param {HTMLElement} content */
function stop(content) {
  const video = content.querySelector("video");
  video?.pause();
  video?.removeAttribute("src");
  video?.load();
}

/**
 * Focuses the control of the next task that was focused for the previous one.
 *
 * @param {string} action
 */
function focusAgain(action) {
  const control = action ? dialog?.querySelector(`[data-act="${action}"]`) : null;
  if (control instanceof HTMLElement) control.focus();
  if (document.activeElement === document.body || !dialog?.contains(document.activeElement))
    part("#theater-title").focus();
}

/**
 * Returns the content, or a sentence about why there is none.
 *
 * @param {string} href
 * @returns {Promise<HTMLElement | string>}
 */
async function fetchFragment(href) {
  try {
    const response = await fetch(href, { headers: { "HX-Request": "true" } });
    if (isLoginUrl(response.url)) redirectToLogin();
    const { status } = response;
    if (status === 404) return t("This task was removed, or you don't have access to it.");
    if (!response.ok) return t("The server responded with %(status)s. Try again in a moment.", { status });
    const found = parsePage(await response.text()).getElementById("theater-content");
    return found ? document.importNode(found, true) : t("The task couldn't be loaded.");
  } catch {
    return t("The server couldn't be reached. Try again in a moment.");
  }
}

/** Empties the theater, so that nothing plays on, and returns the focus to the row. */
function leave() {
  latest += 1;
  showMessage("", "");
  part("#theater-title").textContent = "";
  const messages = document.getElementById("messages");
  if (messages) document.body.append(messages);
  const row = document.getElementById(opener);
  if (row) focusTitle(row, { preventScroll: true });
  else if (focused?.isConnected) focused.focus({ preventScroll: true });
}

// Escape, the button, and on Android a gesture close the dialog; the history then follows.
dialog?.addEventListener("close", () => {
  if (history.state?.theater) {
    isReturning = true;
    history.back();
  }
  leave();
});

/** @param {PopStateEvent} event */
function handlePopState(event) {
  if (loadedAs && location.pathname !== loadedAs) return location.reload(); // this is not the page that was below
  if (isReturning) isReturning = false;
  else if (event.state?.theater && dialog?.open) load(event.state.theater, event.state.page);
  else if (event.state?.theater && dialog) enter(event.state.theater, event.state.page);
  else if (dialog?.open) dialog.close();
  else return;
  event.stopImmediatePropagation(); // htmx would reload the page for an entry of its own
}

addEventListener("popstate", handlePopState, { capture: true }); // before htmx

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  if (closestTo(event, "#theater-message button")) return show(history.state.theater);
  const link = dialog && closestTo(event, `${OPENER}, ${WITHIN}`);
  const href = link?.dataset.theaterHref ?? link?.getAttribute("href");
  if (!link || !href) return;
  event.preventDefault();
  open(href, link);
});

document.addEventListener("theater:open", (event) => {
  const { detail, target } = /** @type {CustomEvent<{ href: string }>} */ (event);
  open(detail.href, target instanceof Element ? target : document.body);
});

/** @param {string} text */
function showState(text) {
  if (dialog?.open) part("#theater-state").textContent = text;
}

listen("changed", ({ id, word }) => {
  if (id === "task") showState(word);
});

listen("gone", (id) => {
  if (location.pathname.endsWith(id)) showState(t("This task was removed."));
});
