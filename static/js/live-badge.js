/** <live-badge>: an honest word on how fresh the page is. */
import { hourWords } from "./clock.js";

const WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting" };

class LiveBadge extends HTMLElement {
  connectedCallback() {
    document.addEventListener("live:state", this);
  }

  disconnectedCallback() {
    document.removeEventListener("live:state", this);
  }

  handleEvent({ detail: { state, since } }) {
    this.dataset.state = state;
    this.textContent = WORDS[state] ?? `Stale since ${hourWords(since)}`;
  }
}

customElements.define("live-badge", LiveBadge);
