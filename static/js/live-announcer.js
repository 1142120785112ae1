/** <live-announcer>: announces changes to screen readers, several in one sentence, at most one every `INTERVAL`. */
import { listen } from "./live/events.js";

const INTERVAL = 1500; // ms

class LiveAnnouncer extends HTMLElement {
  /** @type {Map<string, string>} */
  changes = new Map();
  timer = 0;
  stopListening = () => {};

  connectedCallback() {
    this.stopListening = listen("changed", ({ id, title, word }) => {
      this.changes.set(id, `${title}: ${word.toLowerCase()}`);
      this.timer ||= setTimeout(() => this.announce(), INTERVAL);
    });
  }

  disconnectedCallback() {
    this.stopListening();
    clearTimeout(this.timer);
  }

  announce() {
    const [first] = this.changes.values();
    this.textContent = this.changes.size === 1 ? first : `${this.changes.size} tasks changed`;
    this.changes.clear();
    this.timer = 0;
  }
}

customElements.define("live-announcer", LiveAnnouncer);
