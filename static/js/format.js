/** Formats times and durations. Pure. */
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/**
 * Formats seconds as 0:05, 12:34 or 1:02:03, as the server does.
 *
 * @param {number} seconds
 */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const twoDigits = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${twoDigits(minutes)}:${twoDigits(rest)}` : `${minutes}:${twoDigits(rest)}`;
}

/** @param {number} time in ms */
export const formatExact = (time) => EXACT.format(time);

/** @param {number} time in ms */
export const formatHour = (time) => HOUR.format(time);

/**
 * Formats a time as "5 min ago" or "in 6 d", or as a date beyond a week.
 *
 * @param {number} time in ms
 * @param {number} now in ms
 */
export function formatRelative(time, now) {
  const seconds = (now - time) / 1000;
  const isFuture = seconds < 0;
  const size = Math.abs(seconds);
  if (size < 10) return isFuture ? "in a moment" : "just now";
  if (size >= 7.5 * 86400) return formatDay(time, now);
  const [unit, length] = unitOf(size);
  const count = isFuture ? Math.round(size / length) : Math.floor(size / length); // a week ahead isn't "in 6 d"
  return isFuture ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

/**
 * @param {number} seconds
 * @returns {[string, number]} a unit and its length in seconds
 */
function unitOf(seconds) {
  if (seconds < 60) return ["s", 1];
  if (seconds < 3600) return ["min", 60];
  return seconds < 86400 ? ["h", 3600] : ["d", 86400];
}

/**
 * @param {number} time in ms
 * @param {number} now in ms
 */
function formatDay(time, now) {
  const isSameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (isSameYear ? DAY : DAY_AND_YEAR).format(time);
}
