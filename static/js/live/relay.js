/**
 * Brings the one stream of this browser to this page, whichever tab holds it.
 *
 * A page says hello with its cursor: the leading tab answers with what it has passed on since, or tells the page to
 * fetch itself again. So nothing is lost between the rendering of a page and its first frame.
 */
import { Leadership } from "./lead.js";
import { Leading } from "./leading.js";

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
    this.isAway = false;
    if (!this.leading) this.say("hello", { cursor: this.cursor, from: this.id, isVisible: !document.hidden });
  }

  /** Nobody looks at this tab: one that is looked at may have the stream, now or when it says hello. */
  away() {
    this.isAway = true;
    if (this.leading) this.say("offer");
  }

  say(kind, more = {}) {
    this.channel.postMessage({ kind, ...more });
  }

  lead() {
    const told = { ...this.told, frame: (frame) => this.on_frame({ frame }) };
    this.leading = new Leading(this.url, this.cursor, (kind, more) => this.say(kind, more), told);
  }

  follow() {
    this.leading?.end();
    this.leading = null;
  }

  refetch(why) {
    this.told.frame({ event: "resync", data: why, id: this.cursor });
  }

  on_hello(message) {
    this.leading?.answer(message);
    if (message.isVisible && this.isAway) this.away();
  }

  on_answer({ to, frames, isOpen }) {
    if (to !== this.id) return;
    if (!frames) this.refetch("the page is older than what is kept");
    for (const frame of frames ?? []) this.on_frame({ frame });
    this.told.open(isOpen);
  }

  on_leads({ floor }) {
    if (floor > this.cursor) this.refetch("the tab that leads now knows less of the past");
  }

  on_frame({ frame }) {
    this.cursor = Math.max(this.cursor, frame.id);
    this.told.frame(frame);
  }

  on_open = ({ isOpen }) => this.told.open(isOpen);
  on_ended = () => this.told.ended();
  on_offer = () => document.hidden || setTimeout(() => this.leadership.steal(), Math.random() * 200);
}
