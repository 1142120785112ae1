/** The task page: refetches the state when a frame is about its task. It doesn't touch a player that was started. */
import { find, parsePage } from "./dom.js";
import { emit, listen } from "./live/events.js";
import { showMessage } from "./message-list.js";
import { morph } from "./morph.js";
import { isLoginUrl, redirectToLogin } from "./requests.js";
import { t } from "./translations.js";

const DELAY = 400; // ms: a burst of frames causes a single request
let timer = 0;

const getState = () => document.getElementById("task-state");
const getPlayer = () => document.getElementById("task-player");

/**
 * Fetches another page. Returns null if that fails.
 *
 * @param {string | undefined} href
 */
async function fetchPage(href) {
  try {
    const response = await fetch(href ?? "", { headers: { "HX-Request": "true", "X-Background": "true" } });
    if (isLoginUrl(response.url)) redirectToLogin();
    return response.ok ? parsePage(await response.text()) : null;
  } catch {
    return null;
  }
}

async function refresh() {
  timer = 0;
  const page = await fetchPage(getState()?.dataset.href);
  const fresh = page?.getElementById("task-state");
  const state = getState();
  if (!page || !fresh || !state) return;
  const isChanged = !showsSameState(state, fresh);
  morph(state, fresh);
  refreshActions(page);
  if (isChanged) announce(state);
  const player = getPlayer();
  if (player && !showsSameState(player, fresh)) await refreshPlayer(player);
}

/**
 * @param {HTMLElement} one
 * @param {HTMLElement} other
 */
function showsSameState(one, other) {
  return one.dataset.status === other.dataset.status && one.dataset.condition === other.dataset.condition;
}

/**
 * Updates the actions, because the available ones depend on the task's state.
 *
 * @param {Document} page
 */
function refreshActions(page) {
  const actions = document.getElementById("task-actions");
  const fresh = page.getElementById("task-actions");
  if (actions && fresh) morph(actions, fresh);
}

/** @param {HTMLElement} state */
function announce(state) {
  const title = document.querySelector("[data-task-title]")?.textContent ?? "";
  const word = (state.querySelector(".condition-word") ?? find(state, ".status")).textContent ?? "";
  emit("changed", { id: "task", title: title.trim(), word: word.trim(), status: state.dataset.status ?? "" });
}

/** @param {HTMLElement} player */
async function refreshPlayer(player) {
  const video = player.querySelector("video");
  if (video && (!video.paused || video.currentTime > 0)) return;
  const fresh = (await fetchPage(player.dataset.href))?.getElementById("task-player");
  if (fresh) getPlayer()?.replaceWith(document.importNode(fresh, true));
}

function scheduleRefresh() {
  if (getState() && !timer) timer = setTimeout(refresh, DELAY);
}

/** @param {string | null | undefined} text */
function updateTitle(text) {
  const title = document.querySelector("[data-task-title]");
  if (title && text && title.textContent?.trim() !== text) title.textContent = text;
}

listen("task", (html) => {
  const id = getState()?.dataset.task;
  if (!id || !html.includes(`id="${id}"`)) return;
  updateTitle(parsePage(html).getElementById(id)?.querySelector(".title")?.textContent);
  scheduleRefresh();
});

listen("refetch", scheduleRefresh);

listen("gone", (id) => {
  if (getState()?.dataset.task !== `task-${id}`) return;
  showMessage(t("This task was removed."), "warning");
});
