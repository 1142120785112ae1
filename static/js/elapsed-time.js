/** <elapsed-time since="...">: the time elapsed since then, such as 1:23. */
import { everySecond } from "./clock.js";
import { formatDuration } from "./format.js";

class ElapsedTime extends HTMLElement {
  static observedAttributes = ["since"];
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
    const since = Date.parse(this.getAttribute("since") ?? "");
    if (!Number.isNaN(since)) this.textContent = formatDuration((now - since) / 1000);
  }
}

customElements.define("elapsed-time", ElapsedTime);
