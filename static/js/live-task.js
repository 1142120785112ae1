/** A task's own page: what is known is fetched when a frame speaks of it; a player that was touched is left alone. */
import { morph } from "./morph.js";
import { isLogin, toLogin } from "./requests.js";

const PAUSE = 400; // ms: a burst of frames is one request
let timer = 0;

const state = () => document.getElementById("task-state");
const player = () => document.getElementById("task-player");

async function fragment(href, id) {
  const answer = await fetch(href, { headers: { "HX-Request": "true", "X-Background": "true" } });
  if (isLogin(answer.url)) toLogin();
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
}

async function refresh() {
  timer = 0;
  const fresh = await fragment(state().dataset.href, "task-state").catch(() => null);
  if (!fresh) return;
  const { status, condition } = state().dataset;
  const added = fresh.dataset.status !== status || fresh.dataset.condition !== condition;
  morph(state(), fresh);
  if (added) announce();
  if (player() && fresh.dataset.status !== player().dataset.status) await refreshPlayer();
}

function announce() {
  const title = document.querySelector("[data-task-title]")?.textContent ?? "";
  const word = state().querySelector(".condition-word")?.textContent ?? state().querySelector(".status").textContent;
  document.dispatchEvent(new CustomEvent("live:changed", { detail: { id: "task", title: title.trim(), word: word.trim() } }));
}

async function refreshPlayer() {
  const film = player().querySelector("video");
  if (film && (!film.paused || film.currentTime > 0)) return;
  const fresh = await fragment(player().dataset.href, "task-player").catch(() => null);
  if (fresh) player().replaceWith(document.importNode(fresh, true));
}

function soon() {
  if (state()) timer ||= setTimeout(refresh, PAUSE);
}

document.addEventListener("live:task", ({ detail }) => {
  const task = state()?.dataset.task;
  if (!task || !detail.includes(`id="${task}"`)) return;
  const row = new DOMParser().parseFromString(detail, "text/html").getElementById(task);
  const title = document.querySelector("[data-task-title]");
  const words = row?.querySelector(".title")?.textContent;
  if (title && words && title.textContent.trim() !== words) title.textContent = words;
  soon();
});

document.addEventListener("live:refetch", soon);

document.addEventListener("live:gone", ({ detail }) => {
  if (state()?.dataset.task !== `task-${detail}`) return;
  document.querySelector("message-list")?.say("This task is not tracked any more: somebody stopped it.", "warning");
});
