/**
 * <notify-switch>: a system notification when tasks of this member finish while none of their tabs is visible. With
 * `task`, the ID of a row, only for that one.
 */
import { everySecond } from "./clock.js";
import { find, parsePage } from "./dom.js";
import { listen } from "./live/events.js";
import { showMessage } from "./message-list.js";
import { t, tn } from "./translations.js";

const FINISHED = new Set(["completed", "failed"]);
const SETTING = "reelboard-notify";
const CHOSEN = "reelboard-notify-tasks";
const MOST_CHOSEN = 200; // the latest ones
const SEEN_AT = "reelboard-seen-at"; // when any tab was last visible
const OUT_OF_VIEW = 3000; // ms
const GATHER = 1500; // ms: tasks that finish together cause a single notification
const LISTED = 5;

/** @type {Set<string>} */
const active = new Set();
/** @type {Map<string, string>} */
const finished = new Map();
let timer = 0;

const isAllowed = () => "Notification" in window && Notification.permission === "granted";
const isOn = () => localStorage.getItem(SETTING) === "on" && isAllowed();

/** @returns {string[]} */
const chosen = () => JSON.parse(localStorage.getItem(CHOSEN) ?? "[]");

/** @param {string} task */
const isChosen = (task) => isAllowed() && chosen().includes(task);

/**
 * @param {string} task
 * @param {boolean} isWanted
 */
function choose(task, isWanted) {
  const others = chosen().filter((other) => other !== task);
  localStorage.setItem(CHOSEN, JSON.stringify([...others, ...(isWanted ? [task] : [])].slice(-MOST_CHOSEN)));
}

class NotifySwitch extends HTMLElement {
  connectedCallback() {
    if (!("Notification" in window)) return this.remove();
    this.addEventListener("click", this);
    this.show();
  }

  get isOn() {
    const task = this.getAttribute("task");
    return task ? isChosen(task) : isOn();
  }

  /** @param {boolean} isWanted */
  set(isWanted) {
    const task = this.getAttribute("task");
    if (task) choose(task, isWanted);
    else if (isWanted) localStorage.setItem(SETTING, "on");
    else localStorage.removeItem(SETTING);
  }

  async handleEvent() {
    if (this.isOn) this.set(false);
    else if ((await Notification.requestPermission()) === "granted") this.set(true);
    else showMessage(t("Your browser blocks notifications from this site. Allow them in its settings."), "warning");
    this.show();
  }

  show() {
    find(this, "button").setAttribute("aria-checked", String(this.isOn));
  }
}

/** @param {HTMLElement} row */
function follow(row) {
  const isMine = row.dataset.owner === document.body.dataset.member;
  if (!isMine && !isChosen(row.id) && document.getElementById("task-state")?.dataset.task !== row.id) return;
  if (!FINISHED.has(row.dataset.status ?? "")) {
    active.add(row.id);
  } else if (active.delete(row.id) && (isOn() || isChosen(row.id))) {
    choose(row.id, false);
    finished.set(row.id, lineFor(row));
    if (!timer) timer = setTimeout(notify, GATHER);
  }
}

/** @param {HTMLElement} row of a finished task */
function lineFor(row) {
  const title = find(row, ".title").textContent?.trim() ?? "";
  return row.dataset.status === "failed" ? t("%(title)s: failed", { title }) : t("%(title)s: completed", { title });
}

function notify() {
  timer = 0;
  const lines = [...finished.values()];
  const tag = [...finished.keys()].sort().join(); // other tabs use the same tag, so it is shown once
  finished.clear();
  if (!document.hidden || Date.now() - Number(localStorage.getItem(SEEN_AT)) < OUT_OF_VIEW) return;
  const others = lines.length - LISTED;
  const more = others > 0 ? [tn("and %(count)s more", "and %(count)s more", others)] : [];
  const title = tn("A video finished", "%(count)s videos finished", lines.length);
  const shown = new Notification(title, { body: [...lines.slice(0, LISTED), ...more].join("\n"), tag });
  shown.onclick = () => window.focus();
}

listen("task", (html) => {
  const row = parsePage(html).querySelector(".row");
  if (row instanceof HTMLElement) follow(row);
});

for (const row of document.querySelectorAll(".row")) if (row instanceof HTMLElement) follow(row);
const single = document.getElementById("task-state");
if (single?.dataset.task && !FINISHED.has(single.dataset.status ?? "")) active.add(single.dataset.task);

everySecond((now) => {
  if (!document.hidden) localStorage.setItem(SEEN_AT, String(now));
});

customElements.define("notify-switch", NotifySwitch);
