/**
 * Moving the pointer over a poster shows the frames of its storyboard, and their times: [data-scrub] is the length of
 * the video in seconds. A storyboard has FRAMES frames side by side, at equal distances over the whole length.
 */
import { formatDuration } from "./format.js";

const FRAMES = 11;
/** @type {HTMLElement | null} */
let shown = null;

/**
 * Returns the URL of the storyboard that belongs to a poster.
 *
 * @param {string} poster
 */
export const storyboardOf = (poster) => poster.replace("/poster?", "/storyboard?");

/**
 * Returns which frame is at a share of the width, and where it is in the sheet, in percent.
 *
 * @param {number} share 0 to 1
 */
export function frameAt(share) {
  const index = Math.min(FRAMES - 1, Math.max(0, Math.floor(share * FRAMES)));
  return { index, position: (100 * index) / (FRAMES - 1), time: (index + 0.5) / FRAMES };
}

/**
 * Fits a frame into a thumbnail as the poster is: whole, and centered.
 *
 * @param {HTMLElement} frame
 * @param {HTMLImageElement} poster
 * @param {DOMRect} box
 */
function fit(frame, poster, box) {
  const scale = Math.min(box.width / poster.naturalWidth, box.height / poster.naturalHeight);
  frame.style.inlineSize = `${poster.naturalWidth * scale}px`;
  frame.style.blockSize = `${poster.naturalHeight * scale}px`;
}

/** @param {HTMLElement} thumbnail */
function frameIn(thumbnail) {
  const existing = /** @type {HTMLElement | null} */ (thumbnail.querySelector(".storyboard-frame"));
  if (existing) return existing;
  const frame = Object.assign(document.createElement("span"), { className: "storyboard-frame" });
  frame.append(document.createElement("i"), document.createElement("span"));
  thumbnail.append(frame);
  return frame;
}

/** @param {PointerEvent} event */
function scrub(event) {
  const target = /** @type {Element} */ (event.target);
  const row = target.closest?.(".row");
  const thumbnail = /** @type {HTMLElement | null} */ (
    target.closest?.("[data-scrub]") ?? (row && isOver(row, event) ? row.querySelector("[data-scrub]") : null)
  );
  if (shown && shown !== thumbnail) stop();
  const poster = thumbnail?.querySelector("img");
  if (!thumbnail || !poster?.naturalWidth || thumbnail.querySelector("video")) return;
  const box = thumbnail.getBoundingClientRect();
  const { position, time } = frameAt((event.clientX - box.left) / box.width);
  const frame = frameIn(thumbnail);
  fit(frame, poster, box);
  frame.style.backgroundImage = `url("${storyboardOf(poster.src)}")`;
  frame.style.backgroundPosition = `${position}% 0`;
  const [bar, label] = /** @type {HTMLCollectionOf<HTMLElement>} */ (frame.children);
  bar.style.transform = `scaleX(${time})`;
  label.textContent = formatDuration(time * Number(thumbnail.dataset.scrub));
  shown = thumbnail;
}

/**
 * The link of a row lies over its thumbnail.
 *
 * @param {Element} row
 * @param {PointerEvent} event
 */
function isOver(row, { clientX, clientY }) {
  const box = row.querySelector("[data-scrub]")?.getBoundingClientRect();
  return Boolean(box && clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom);
}

function stop() {
  shown?.querySelector(".storyboard-frame")?.remove();
  shown = null;
}

document.addEventListener("pointermove", scrub, { passive: true });
document.addEventListener("pointerleave", stop);
document.addEventListener("pointercancel", stop);
addEventListener("resize", stop); // a frame has the size of its thumbnail
