/**
 * Translates the texts of the scripts, with the English text as the key, as gettext does.
 *
 * English needs no catalog. A page in another language links to a module with the texts of its language. If that can't
 * be loaded, the texts are English.
 *
 * Modules that import this one run once the catalog is loaded, which may be after those that don't, and after
 * DOMContentLoaded.
 *
 * @typedef {Record<string, string | number>} Values
 * @typedef {{ messages: Record<string, string | string[]>, plural: (count: number) => number }} Catalog
 */

/** @type {Catalog} */
const ENGLISH = { messages: {}, plural: (count) => (count === 1 ? 0 : 1) };

/** @returns {Promise<Catalog>} */
async function loadCatalog() {
  if (typeof document === "undefined") return ENGLISH; // in tests
  const link = /** @type {HTMLLinkElement | null} */ (document.getElementById("translations"));
  return link ? import(link.href).catch(() => ENGLISH) : ENGLISH;
}

const { messages, plural } = await loadCatalog();

/** The language of the page, with the region that the browser has for it: English may be British. */
export const LOCALE = pageLocale();
const COUNT = new Intl.NumberFormat(LOCALE);

function pageLocale() {
  const lang = typeof document === "undefined" ? "" : document.documentElement?.lang; // "" in tests
  if (!lang) return undefined;
  return navigator.languages.find((locale) => locale.toLowerCase().startsWith(`${lang}-`)) || lang;
}

/** @param {number} count */
export const formatCount = (count) => COUNT.format(count);

/**
 * Returns the text in the language of the page.
 *
 * @param {string} text in English; may contain placeholders such as `%(name)s`
 * @param {Values} [values] values of the placeholders
 */
export function t(text, values = {}) {
  const found = Object.hasOwn(messages, text) ? messages[text] : "";
  return fillIn((Array.isArray(found) ? found[0] : found) || text, values);
}

/**
 * Returns the text for a count in the language of the page. `%(count)s` is the count.
 *
 * @param {string} one in English, for a count of 1
 * @param {string} many in English, for any other count
 * @param {number} count
 * @param {Values} [values] values of the other placeholders
 */
export function tn(one, many, count, values = {}) {
  const forms = Object.hasOwn(messages, one) ? messages[one] : "";
  const found = Array.isArray(forms) ? forms[plural(count)] : "";
  return fillIn(found || (count === 1 ? one : many), { count: formatCount(count), ...values });
}

/**
 * @param {string} text
 * @param {Values} values
 */
function fillIn(text, values) {
  return text.replace(/%\((\w+)\)s/g, (found, name) => (Object.hasOwn(values, name) ? String(values[name]) : found));
}
