/** <relative-time datetime="2026-11-03T11:05:09+00:00">: "5 min ago", with the exact local time as its title. */
import { everySecond, exactWords } from "./clock.js";

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const LONG_AGO = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** `seconds` may be negative: a moment to come. */
export function relativeWords(moment, now) {
  const seconds = (now - moment) / 1000;
  const [size, before, after] = [Math.abs(seconds), seconds < 0 ? "in " : "", seconds < 0 ? "" : " ago"];
  const whole = seconds < 0 ? Math.round : Math.floor; // a week to come is not six days
  if (size < 10) return seconds < 0 ? "in a moment" : "just now";
  if (size < 60) return `${before}${whole(size)} s${after}`;
  if (size < 3600) return `${before}${whole(size / 60)} min${after}`;
  if (size < 86400) return `${before}${whole(size / 3600)} h${after}`;
  if (size < 7.5 * 86400) return `${before}${whole(size / 86400)} d${after}`;
  const sameYear = new Date(moment).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? DAY : LONG_AGO).format(moment);
}

class RelativeTime extends HTMLElement {
  static observedAttributes = ["datetime"];

  connectedCallback() {
    this.stop = everySecond((now) => this.show(now));
    this.show(Date.now());
  }

  disconnectedCallback() {
    this.stop();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show(Date.now());
  }

  show(now) {
    const moment = Date.parse(this.getAttribute("datetime"));
    if (Number.isNaN(moment)) return;
    const words = relativeWords(moment, now);
    if (this.textContent !== words) this.textContent = words;
    const exact = exactWords(moment);
    if (this.title !== exact) this.title = exact;
  }
}

customElements.define("relative-time", RelativeTime);
