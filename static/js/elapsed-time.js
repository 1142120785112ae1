/** <elapsed-time since="...">: how long it runs by now, as 1:23. */
import { clockWords, everySecond } from "./clock.js";

class ElapsedTime extends HTMLElement {
  static observedAttributes = ["since"];

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
    const since = Date.parse(this.getAttribute("since"));
    if (!Number.isNaN(since)) this.textContent = clockWords((now - since) / 1000);
  }
}

customElements.define("elapsed-time", ElapsedTime);
