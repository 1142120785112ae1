/** One timer for all that ticks on a page; it rests while nobody looks. */
const listeners = new Set();
let timer = 0;

function tick() {
  for (const listener of listeners) listener(Date.now());
}

function start() {
  clearInterval(timer);
  timer = listeners.size && !document.hidden ? setInterval(tick, 1000) : 0;
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
  start();
});

/** Calls `listener(now in ms)` each second; returns what stops it. */
export function everySecond(listener) {
  listeners.add(listener);
  if (listeners.size === 1) start();
  return () => {
    listeners.delete(listener);
    if (!listeners.size) start();
  };
}

/** Seconds as 0:05, 12:34 or 1:02:03, as the server writes them. */
export function clockWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const exactWords = (moment) => EXACT.format(moment);
export const hourWords = (moment) => HOUR.format(moment);
