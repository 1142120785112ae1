/**
 * The gallery: gives each tile the ratio of its picture, so that lines are justified, and plays videos in place.
 * Left and right go to the previous and next tile, up and down to the nearest one above and below; Space plays.
 */
import { closestTo, findAll, focusTitle } from "./dom.js";

const NARROWEST = 0.5;
const WIDEST = 2.4;

/**
 * Returns whether the ratio changed.
 *
 * @param {HTMLElement} row
 */
function setRatio(row) {
  const picture = row.querySelector(".thumbnail > img");
  const [width, height] = ["width", "height"].map((name) => Number(picture?.getAttribute(name)));
  if (!width || !height) return false;
  const ratio = Math.min(WIDEST, Math.max(NARROWEST, width / height)).toFixed(4);
  if (row.style.getPropertyValue("--ratio") === ratio) return false;
  row.style.setProperty("--ratio", ratio);
  return true;
}

/**
 * Returns the tile above or below: on the nearest line in that direction, the one whose middle is nearest.
 *
 * @param {Element} row
 * @param {number} step
 */
function neighborOf(row, step) {
  const from = row.getBoundingClientRect();
  const middle = from.left + from.width / 2;
  let best = null;
  let [bestLine, bestDistance] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const other of findAll(document, ".gallery .row")) {
    const box = other.getBoundingClientRect();
    const line = Math.round((box.top - from.top) * step);
    const distance = Math.abs(box.left + box.width / 2 - middle);
    if (line < 10 || line > bestLine + 10 || (line > bestLine - 10 && distance >= bestDistance)) continue;
    [best, bestLine, bestDistance] = [other, line, distance];
  }
  return best;
}

/** @param {Element} row */
function togglePlayback(row) {
  const playing = row.querySelector(".thumbnail > video");
  for (const video of findAll(document, ".gallery .thumbnail > video")) video.remove();
  const thumbnail = row.querySelector(".thumbnail");
  if (playing || row.getAttribute("data-status") !== "completed" || !thumbnail) return;
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, autoplay: true });
  video.src = `${row.querySelector(".title")?.getAttribute("href")}/content`;
  video.addEventListener("error", () => video.remove());
  thumbnail.append(video);
}

/** @type {Record<string, number>} */
const LINES = { ArrowUp: -1, ArrowDown: 1 };
/** @type {Record<string, number>} */
const TILES = { ArrowLeft: -1, ArrowRight: 1 };

document.addEventListener(
  "keydown",
  (event) => {
    const title = closestTo(event, ".gallery .row .title");
    const row = title?.closest(".row");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in LINES) focusTitle(neighborOf(row, LINES[event.key]));
    else if (event.key in TILES) focusTitle(TILES[event.key] < 0 ? row.previousElementSibling : row.nextElementSibling);
    else if (event.key === " ") togglePlayback(row);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the table's keys mean something else
  },
  { capture: true },
);

/** @type {{ row: Element, top: number } | null} */
let anchor = null; // the tile in the middle of the window, if the page is scrolled

function noteAnchor() {
  const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(".gallery .row");
  anchor = scrollY && middle ? { row: middle, top: middle.getBoundingClientRect().top } : null;
}

/** Scrolls so that what one looks at stays where it is: a new tile moves all others, each to another line perhaps. */
function keepAnchor() {
  if (!anchor?.row.isConnected) return;
  const moved = anchor.row.getBoundingClientRect().top - anchor.top;
  if (Math.abs(moved) > 1) scrollBy({ top: moved, behavior: "instant" });
}

/**
 * Returns the tiles that a change is about.
 *
 * @param {MutationRecord} change
 */
function tilesOf({ target, addedNodes }) {
  const tile = target instanceof Element && target.closest(".gallery .row");
  if (tile) return [/** @type {HTMLElement} */ (tile)];
  const added = [...addedNodes].filter((node) => node instanceof HTMLElement);
  return added.flatMap((node) => (node.matches(".gallery .row") ? [node] : findAll(node, ".gallery .row")));
}

/** @param {MutationRecord[]} changes */
function follow(changes) {
  const tiles = new Set(changes.flatMap(tilesOf));
  const resized = [...tiles].filter(setRatio);
  if (resized.length || changes.some(({ target }) => target instanceof Element && target.matches(".rows")))
    keepAnchor();
}

addEventListener("scroll", noteAnchor, { passive: true });
// Tiles come in with pages and with live changes, and get their pictures later.
new MutationObserver(follow).observe(document.body, {
  childList: true,
  subtree: true,
  attributeFilter: ["width", "height"],
});
for (const row of findAll(document, ".gallery .row")) setRatio(row);
