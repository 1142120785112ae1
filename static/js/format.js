/** Formats times and durations in the language of the page. */
import { LOCALE, t, tn } from "./translations.js";

/**
 * @typedef {(count: number, values: import("./translations.js").Values) => string} Sentence
 * @typedef {{ seconds: number, past: Sentence, future: Sentence }} Unit
 */

const EXACT = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "medium" });
const HOUR = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });

/** @type {Unit} */
const SECONDS = {
  seconds: 1,
  past: (count, values) => tn("%(count)s s ago", "%(count)s s ago", count, values),
  future: (count, values) => tn("in %(count)s s", "in %(count)s s", count, values),
};
/** @type {Unit} */
const MINUTES = {
  seconds: 60,
  past: (count, values) => tn("%(count)s min ago", "%(count)s min ago", count, values),
  future: (count, values) => tn("in %(count)s min", "in %(count)s min", count, values),
};
/** @type {Unit} */
const HOURS = {
  seconds: 3600,
  past: (count, values) => tn("%(count)s h ago", "%(count)s h ago", count, values),
  future: (count, values) => tn("in %(count)s h", "in %(count)s h", count, values),
};
/** @type {Unit} */
const DAYS = {
  seconds: 86_400,
  past: (count, values) => tn("%(count)s d ago", "%(count)s d ago", count, values),
  future: (count, values) => tn("in %(count)s d", "in %(count)s d", count, values),
};

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
  if (size < 10) return isFuture ? t("in a moment") : t("just now");
  if (size >= 7.5 * 86400) return formatDay(time, now);
  const unit = unitOf(size);
  if (!isFuture) return sentence(unit.past, Math.floor(size / unit.seconds));
  return sentence(unit.future, Math.round(size / unit.seconds)); // a week ahead isn't "in 6 d"
}

/** @param {number} seconds */
function unitOf(seconds) {
  if (seconds < MINUTES.seconds) return SECONDS;
  if (seconds < HOURS.seconds) return MINUTES;
  return seconds < DAYS.seconds ? HOURS : DAYS;
}

/**
 * @param {Sentence} write
 * @param {number} count
 */
const sentence = (write, count) => write(count, {});

/**
 * @param {number} time in ms
 * @param {number} now in ms
 */
function formatDay(time, now) {
  const isSameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (isSameYear ? DAY : DAY_AND_YEAR).format(time);
}
