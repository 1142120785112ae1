import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

const POLISH = `
  export const messages = {
    Dismiss: "Zamknij",
    "Stale since %(time)s": "Nieaktualne od %(time)s",
    "%(count)s task": ["%(count)s zadanie", "%(count)s zadania", "%(count)s zadań"],
    "%(count)s video": ["", "", ""],
  };
  export const plural = (n) => Number(n == 1 ? 0 : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? 1 : 2);
`;
let modules = 0;

/**
 * Loads the module anew, on a page with this catalog.
 *
 * @param {string | null} href
 */
function load(href) {
  globalThis.document = { getElementById: (id) => (id === "translations" && href ? { href } : null) };
  modules += 1;
  return import(`../../static/js/translations.js?${modules}`);
}

const inPolish = () => load(`data:text/javascript,${encodeURIComponent(POLISH)}`);

afterEach(() => {
  delete globalThis.document;
});

test("without a catalog the text is English", async () => {
  const { t, tn } = await load(null);
  assert.equal(t("Dismiss"), "Dismiss");
  assert.deepEqual(
    [0, 1, 2].map((count) => tn("%(count)s task", "%(count)s tasks", count)),
    ["0 tasks", "1 task", "2 tasks"],
  );
});

test("a count is written as the page's language does", async () => {
  globalThis.document = { getElementById: () => null, documentElement: { lang: "de" } };
  globalThis.navigator ??= { languages: [] }; // not in Node.js before 21
  const { formatCount, tn } = await import("../../static/js/translations.js?in-german");
  assert.equal(tn("%(count)s task", "%(count)s tasks", 1234), "1.234 tasks");
  assert.equal(formatCount(1234567), "1.234.567");
});

test("without a page the text is English", async () => {
  const { t } = await import("../../static/js/translations.js?without-a-page");
  assert.equal(t("Dismiss"), "Dismiss");
});

test("a catalog that can't be loaded leaves the text English", async () => {
  const { t, tn } = await load("data:text/javascript,export const messages = {");
  assert.equal(t("Dismiss"), "Dismiss");
  assert.equal(tn("A video finished", "%(count)s videos finished", 3), "3 videos finished");
});

test("a catalog translates the text", async () => {
  const { t } = await inPolish();
  assert.equal(t("Dismiss"), "Zamknij");
  assert.equal(t("Stale since %(time)s", { time: "12:05" }), "Nieaktualne od 12:05");
});

test("a text that is missing in the catalog stays English", async () => {
  const { t, tn } = await inPolish();
  assert.equal(t("Undo"), "Undo");
  assert.equal(t("toString"), "toString");
  assert.equal(tn("%(count)s video", "%(count)s videos", 2), "2 videos");
  assert.equal(tn("Dismiss", "Dismiss all", 2), "Dismiss all");
});

test("a count has the plural form of its language", async () => {
  const { t, tn } = await inPolish();
  assert.deepEqual(
    [1, 3, 5, 12, 22].map((count) => tn("%(count)s task", "%(count)s tasks", count)),
    ["1 zadanie", "3 zadania", "5 zadań", "12 zadań", "22 zadania"],
  );
  assert.equal(t("%(count)s task", { count: 1 }), "1 zadanie");
});

test("a value is inserted as it is", async () => {
  const { t, tn } = await load(null);
  assert.equal(t("%(title)s: %(state)s", { title: "%(state)s $& %", state: "failed" }), "%(state)s $& %: failed");
  assert.equal(t("100% of %(missing)s", { name: "x" }), "100% of %(missing)s");
  assert.equal(tn("in %(count)s d", "in %(count)s d", 5, { count: "٥" }), "in ٥ d");
});
