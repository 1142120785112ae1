/**
 * Brings the one stream of this browser to this page, whichever tab holds it.
 *
 * A page says hello with its cursor: the leading tab answers with what it has passed on since, or tells the page to
 * fetch itself again. So nothing is lost between the rendering of a page and its first frame.
 */
import { History } from "./history.js";
import { Leadership } from "./lead.js";
import { Source } from "./source.js";

export class Relay {
  /** `told.frame(frame)`, `told.open(is open)`, `told.ended()`. */
  constructor({ url, cursor, name, told }) {
    Object.assign(this, { url, cursor, told, id: crypto.getRandomValues(new Uint32Array(2)).join("-") });
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }) => this[`on_${data.kind}`]?.(data);
    this.leadership = new Leadership(name, { gained: () => this.lead(), lost: () => this.follow() });
    this.hello();
  }

  leave() {
    this.leadership.leave();
    this.channel.close();
  }

  hello() {
    if (!this.source) this.say("hello", { cursor: this.cursor, from: this.id, isVisible: !document.hidden });
  }

  /** Asks the other tabs whether one that is looked at wants the stream. */
  offer() {
    if (this.source) this.say("offer");
  }

  say(kind, more = {}) {
    this.channel.postMessage({ kind, ...more });
  }

  lead() {
    this.history = new History(this.cursor);
    this.source = new Source(this.url, this.cursor, {
      frame: (frame) => this.pass(frame),
      open: (isOpen) => this.opened(isOpen),
      ended: () => (this.say("ended"), this.told.ended()),
    });
    this.say("leads", { floor: this.cursor });
  }

  follow() {
    this.source?.hush();
    this.source = this.history = null;
  }

  pass(frame) {
    this.history.add(frame);
    this.say("frame", { frame });
    this.on_frame({ frame });
  }

  opened(isOpen) {
    this.isOpen = isOpen;
    this.say("open", { isOpen });
    this.told.open(isOpen);
  }

  on_hello({ cursor, from, isVisible }) {
    if (!this.source) return;
    this.say("answer", { to: from, frames: this.history.since(cursor), isOpen: this.isOpen });
    if (isVisible && this.isAway) this.offer();
  }

  on_answer({ to, frames, isOpen }) {
    if (to !== this.id) return;
    if (!frames) this.told.frame({ event: "resync", data: "the page is older than what is kept", id: this.cursor });
    for (const frame of frames ?? []) this.on_frame({ frame });
    this.told.open(Boolean(isOpen));
  }

  on_leads({ floor }) {
    if (floor > this.cursor) this.told.frame({ event: "resync", data: "another tab leads", id: this.cursor });
  }

  on_frame({ frame }) {
    this.cursor = Math.max(this.cursor, frame.id);
    this.told.frame(frame);
  }

  on_open({ isOpen }) {
    this.told.open(isOpen);
  }

  on_ended() {
    this.told.ended();
  }

  on_offer() {
    if (!document.hidden) setTimeout(() => this.leadership.steal(), Math.random() * 200);
  }
}
