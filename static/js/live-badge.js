/** <live-badge>: shows whether the page is up to date. */
import { formatHour } from "./format.js";
import { listen } from "./live/events.js";

/** @type {Record<string, string>} */
const LABELS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting" };

class LiveBadge extends HTMLElement {
  stopListening = () => {};

  connectedCallback() {
    this.stopListening = listen("state", ({ state, since }) => {
      this.dataset.state = state;
      this.textContent = LABELS[state] ?? `Stale since ${formatHour(since)}`;
    });
  }

  disconnectedCallback() {
    this.stopListening();
  }
}

customElements.define("live-badge", LiveBadge);
