/** The gallery loads older tiles before one reaches its end. The link to the next page stays, and works by itself. */
import { findAll, parsePage } from "./dom.js";
import { processHtmx } from "./htmx.js";
import { isLoginUrl } from "./requests.js";

const MOST_TILES = 1_000; // then one follows the link, so that the page doesn't grow forever
const AHEAD = "1500px";
/** @type {Element | null} */
let watched = null;
let isLoading = false;

async function loadOlder() {
  const link = document.getElementById("page-older");
  const rows = document.querySelector(".gallery .rows");
  if (isLoading || !rows || !(link instanceof HTMLAnchorElement) || rows.children.length >= MOST_TILES) return;
  isLoading = true;
  try {
    const response = await fetch(link.href, { headers: { "HX-Request": "true", "X-Background": "true" } });
    if (response.ok && !isLoginUrl(response.url)) append(rows, parsePage(await response.text()), link);
  } catch {
    // The link is still there.
  } finally {
    isLoading = false;
  }
}

/**
 * @param {Element} rows
 * @param {Document} page
 * @param {HTMLAnchorElement} link
 */
function append(rows, page, link) {
  if (!rows.isConnected) return; // the filters were changed in the meantime
  for (const row of findAll(page, ".row")) {
    if (document.getElementById(row.id)) continue;
    const added = document.importNode(row, true);
    rows.append(added);
    processHtmx(added);
  }
  document.getElementById("page-numbers")?.remove();
  const next = page.getElementById("page-older");
  if (!next) return link.remove();
  const following = document.importNode(next, true);
  link.replaceWith(following);
  processHtmx(following);
}

const end = new IntersectionObserver(
  (entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) loadOlder();
  },
  { rootMargin: AHEAD },
);

function watchEnd() {
  const link = document.querySelector(".board:has(.gallery) #page-older");
  if (link === watched) return;
  end.disconnect();
  if (link) end.observe(link);
  watched = link;
}

new MutationObserver(watchEnd).observe(document.body, { childList: true, subtree: true });
watchEnd();
