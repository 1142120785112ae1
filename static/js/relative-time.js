/** <relative-time datetime="2026-11-03T11:05:09+00:00">: "5 min ago", with the exact local time as its title. */
import { everySecond } from "./clock.js";
import { formatExact, formatRelative } from "./format.js";

class RelativeTime extends HTMLElement {
  static observedAttributes = ["datetime"];
  stopClock = () => {};

  connectedCallback() {
    this.stopClock = everySecond((now) => this.update(now));
    this.update(Date.now());
  }

  disconnectedCallback() {
    this.stopClock();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.update(Date.now());
  }

  /** @param {number} now */
  update(now) {
    const time = Date.parse(this.getAttribute("datetime") ?? "");
    if (Number.isNaN(time)) return;
    const text = formatRelative(time, now);
    if (this.textContent !== text) this.replaceChildren(text);
    const exact = formatExact(time);
    if (this.getAttribute("title") !== exact) this.setAttribute("title", exact);
  }
}

customElements.define("relative-time", RelativeTime);
