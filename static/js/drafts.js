/**
 * What was typed into forms with `data-keep-draft` outlives the session: it is kept in this tab when the page leaves for the
 * login page, and given back on the way home, to nobody but the member who typed it.
 */
import "./message-list.js";

const NAME = "reelboard.drafts";
const NEVER = new Set(["hidden", "password", "file", "submit", "button"]);

const here = () => location.pathname + location.search;
const member = () => document.body.dataset.member;

function* fields() {
  for (const form of document.querySelectorAll("form[data-keep-draft]"))
    for (const field of form.elements)
      if (field.name && !NEVER.has(field.type)) yield [`${form.getAttribute("action")} ${field.name}`, field];
}

export function keepDrafts() {
  const typed = [...fields()].map(([key, field]) => [key, field.value]).filter(([, value]) => value);
  if (member()) sessionStorage.setItem(NAME, JSON.stringify({ member: member(), page: here(), typed }));
}

function giveBack() {
  if (!member()) return; // the login page
  const draft = JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  sessionStorage.removeItem(NAME);
  if (draft.member !== member() || draft.page !== here()) return;
  const typed = new Map(draft.typed);
  let changed = 0;
  for (const [key, field] of fields()) {
    const before = field.value;
    if (!typed.has(key) || typed.get(key) === before) continue;
    field.value = typed.get(key);
    if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = before; // it is no choice any more
    if (field.value !== before) changed += 1;
  }
  if (changed) document.querySelector("message-list")?.say("You are signed in again. What you had typed is back.");
}

giveBack();
