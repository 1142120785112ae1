/**
 * <live-announcer>: announces changes to screen readers, at most once per `INTERVAL`, with several changes combined.
 * It also announces how many tasks a search or filter has found.
 */
import { onHtmx } from "./htmx.js";
import { listen } from "./live/events.js";
import { t, tn } from "./translations.js";

const INTERVAL = 1500; // ms

class LiveAnnouncer extends HTMLElement {
  /** @type {Map<string, string>} */
  changes = new Map();
  timer = 0;
  stopListening = () => {};

  connectedCallback() {
    this.stopListening = listen("changed", ({ id, title, word }) => {
      this.changes.set(id, t("%(title)s: %(state)s", { title, state: word.toLowerCase() }));
      this.timer ||= setTimeout(() => this.announce(), INTERVAL);
    });
  }

  disconnectedCallback() {
    this.stopListening();
    clearTimeout(this.timer);
  }

  announce() {
    const [first] = this.changes.values();
    const { size } = this.changes;
    this.textContent = size === 1 ? first : tn("%(count)s task changed", "%(count)s tasks changed", size);
    this.changes.clear();
    this.timer = 0;
  }
}

onHtmx("htmx:afterSettle", ({ detail }) => {
  const isTable = detail.requestConfig?.target?.id === "task-table";
  const summary = isTable ? document.getElementById("task-table")?.dataset.summary : undefined;
  const announcer = document.querySelector("live-announcer");
  if (summary && announcer) announcer.textContent = summary;
});

customElements.define("live-announcer", LiveAnnouncer);
