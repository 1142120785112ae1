/**
 * Preserves what was typed into forms with `data-keep-draft` when the session ends. It is saved in this tab when the
 * page redirects to the login page, and restored afterward, only for the same member.
 */
import { fieldsOf, setValue } from "./form-fields.js";
import { showMessage } from "./message-list.js";
import { t } from "./translations.js";

const NAME = "reelboard.drafts";

const currentPage = () => location.pathname + location.search;
const currentMember = () => document.body.dataset.member;

/** @returns {Generator<[string, import("./form-fields.js").Field]>} */
function* draftFields() {
  for (const form of document.querySelectorAll("form[data-keep-draft]")) {
    for (const field of fieldsOf(/** @type {HTMLFormElement} */ (form)))
      yield [`${form.getAttribute("action")} ${field.name}`, field];
  }
}

export function saveDrafts() {
  const values = [...draftFields()].map(([key, field]) => [key, field.value]).filter(([, value]) => value);
  const draft = { member: currentMember(), page: currentPage(), values };
  if (draft.member) sessionStorage.setItem(NAME, JSON.stringify(draft));
}

function restoreDrafts() {
  if (!currentMember()) return; // the login page
  const draft = JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  sessionStorage.removeItem(NAME);
  if (draft.member !== currentMember() || draft.page !== currentPage()) return;
  const values = new Map(draft.values);
  const changed = [...draftFields()].filter(([key, field]) => values.has(key) && setValue(field, values.get(key)));
  // The page's other modules learn of it: they run after this one.
  afterModules(() => {
    for (const [, field] of changed) field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  if (changed.length) showMessage(t("You're signed in again. What you had typed has been restored."));
}

/**
 * Calls `callback` after all modules of the page have run. They wait for the catalog of translations, so this module may
 * run after the page has loaded.
 *
 * @param {() => void} callback
 */
function afterModules(callback) {
  if (document.readyState === "complete") setTimeout(callback);
  else addEventListener("load", callback, { once: true });
}

restoreDrafts();
