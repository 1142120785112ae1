/** <live-badge>: shows whether the page is up to date. */
import { formatHour } from "./format.js";
import { listen } from "./live/events.js";
import { t } from "./translations.js";

/** @type {Record<string, string>} */
const LABELS = { connecting: t("Connecting"), live: t("Live"), reconnecting: t("Reconnecting") };

class LiveBadge extends HTMLElement {
  stopListening = () => {};

  connectedCallback() {
    this.stopListening = listen("state", ({ state, since }) => {
      this.dataset.state = state;
      this.textContent = LABELS[state] ?? t("Stale since %(time)s", { time: formatHour(since) });
    });
  }

  disconnectedCallback() {
    this.stopListening();
  }
}

customElements.define("live-badge", LiveBadge);
