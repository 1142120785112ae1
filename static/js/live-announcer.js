/** <live-announcer>: tells a screen reader what changed, several changes in one sentence, never more often than this. */
const PAUSE = 1500; // ms

class LiveAnnouncer extends HTMLElement {
  connectedCallback() {
    this.changes = new Map();
    document.addEventListener("live:changed", this);
  }

  disconnectedCallback() {
    document.removeEventListener("live:changed", this);
    clearTimeout(this.timer);
  }

  handleEvent({ detail: { id, title, word } }) {
    this.changes.set(id, `${title}: ${word.toLowerCase()}`);
    this.timer ??= setTimeout(() => this.say(), PAUSE);
  }

  say() {
    const [only] = this.changes.values();
    this.textContent = this.changes.size === 1 ? only : `${this.changes.size} tasks changed`;
    this.changes.clear();
    this.timer = null;
  }
}

customElements.define("live-announcer", LiveAnnouncer);
