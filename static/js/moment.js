/** Moments of a video in URLs: `#t=12.5` (Media Fragments URI 1.0) opens a page at 12.5 seconds. */
import { formatDuration } from "./format.js";

/**
 * Returns the seconds in the fragment, as in `#t=12.5`, `#t=1:02.5` or `#t=10,20`; null if there are none.
 *
 * @param {string} hash
 */
export function momentIn(hash) {
  const start = new URLSearchParams(hash.replace(/^#/, "")).get("t")?.replace(/^npt:/, "").split(",")[0] ?? "";
  if (!/^(\d+:){0,2}\d+(\.\d*)?$/.test(start)) return null;
  return start.split(":").reduce((total, part) => total * 60 + Number(part), 0);
}

/**
 * Returns the URL with a moment as its fragment, in tenths of a second.
 *
 * @param {string} href
 * @param {number} seconds
 */
export function momentHref(href, seconds) {
  const url = new URL(href, location.href);
  url.hash = `t=${Math.floor(seconds * 10) / 10}`;
  return url.href;
}

/**
 * Formats a position with tenths of a second, as in `1:02.5`.
 *
 * @param {number} seconds
 */
export function formatMoment(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  return `${formatDuration(tenths / 10)}.${tenths % 10}`;
}

/**
 * Moves the video to a moment, as soon as its length is known.
 *
 * @param {HTMLVideoElement | null} video
 * @param {number | null} seconds
 */
export function seekTo(video, seconds) {
  if (!video || seconds === null) return;
  const seek = () => {
    video.currentTime = Math.min(seconds, video.duration || seconds);
  };
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) seek();
  else video.addEventListener("loadedmetadata", seek, { once: true });
}

if (typeof document !== "undefined") {
  const seekPage = () => seekTo(document.querySelector("#task-player video"), momentIn(location.hash));
  seekPage();
  addEventListener("hashchange", seekPage);
}
