/** A single one-second timer for the whole page. It stops while the page is hidden. */

/** @type {Set<(now: number) => void>} */
const listeners = new Set();
let timer = 0;

function tick() {
  for (const listener of listeners) listener(Date.now());
}

function restart() {
  clearInterval(timer);
  timer = listeners.size && !document.hidden ? setInterval(tick, 1000) : 0;
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
  restart();
});

/**
 * Calls `listener(now in ms)` every second. Returns a function that stops it.
 *
 * @param {(now: number) => void} listener
 */
export function everySecond(listener) {
  listeners.add(listener);
  if (listeners.size === 1) restart();
  return () => {
    listeners.delete(listener);
    if (!listeners.size) restart();
  };
}
