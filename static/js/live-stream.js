/**
 * <live-stream src="/events" cursor="123">: what changed becomes events of the document: `live:task`, `live:gone`,
 * `live:counts`, `live:refetch` (what is shown may be old), `live:state` (how fresh it is).
 */
import { everySecond } from "./clock.js";
import { Relay } from "./live/relay.js";
import { toLogin } from "./requests.js";

const SILENCE = 20_000; // ms without a frame, then what is shown is called stale
const REFETCH = 30_000; // ms between fetches of a stale page
const AWAY = 60_000; // ms hidden, then the stream is offered to a tab that is looked at
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

class LiveStream extends HTMLElement {
  heardAt = Date.now();
  refetchedAt = 0;

  connectedCallback() {
    this.cursor = Number(this.getAttribute("cursor")) || 0;
    for (const kind of ["pagehide", "pageshow"]) addEventListener(kind, this);
    document.addEventListener("visibilitychange", this);
    this.stop = everySecond((now) => this.look(now));
    this.join();
  }

  disconnectedCallback() {
    for (const kind of ["pagehide", "pageshow"]) removeEventListener(kind, this);
    document.removeEventListener("visibilitychange", this);
    this.stop();
    this.part();
  }

  handleEvent(event) {
    if (event.type === "visibilitychange") this.seen(!document.hidden);
    else if (event.type === "pagehide") this.part();
    else if (event.persisted) this.join();
  }

  join() {
    const [url, name] = [this.getAttribute("src"), `reelboard-live-${document.body.dataset.member}`];
    const told = { frame: (frame) => this.frame(frame), open: (isOpen) => this.open(isOpen), ended: toLogin };
    this.relay ??= new Relay({ url, name, told, cursor: this.cursor });
  }

  part() {
    clearTimeout(this.away);
    this.relay?.leave();
    this.relay = null;
  }

  seen(isSeen) {
    clearTimeout(this.away);
    if (isSeen) this.relay?.hello();
    else this.away = setTimeout(() => this.relay?.away(), AWAY);
  }

  frame({ event, data, id }) {
    this.heardAt = Date.now();
    this.cursor = Math.max(this.cursor, id);
    if (event === "resync") tell("refetch");
    else if (event !== "tick") tell(event, event === "counts" ? JSON.parse(data) : data);
    this.open(true);
  }

  open(isOpen) {
    if (isOpen && !this.isOpen) this.heardAt = Date.now();
    this.isOpen = isOpen;
    this.look(Date.now());
  }

  look(now) {
    const isStale = now - this.heardAt > SILENCE;
    const state = isStale ? "stale" : (["reconnecting", "live"][Number(this.isOpen)] ?? "connecting");
    if (state !== this.state) tell("state", { state, since: this.heardAt });
    this.state = state;
    if (isStale && now - this.refetchedAt >= REFETCH) tell("refetch", (this.refetchedAt = now));
  }
}

customElements.define("live-stream", LiveStream);
