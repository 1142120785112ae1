/** <live-stream src="/events" cursor="123">: translates the stream to the events of `live/events.js`. */
import { everySecond } from "./clock.js";
import { emit } from "./live/events.js";
import { SharedStream } from "./live/shared-stream.js";
import { redirectToLogin } from "./requests.js";

const STALE_AFTER = 20_000; // ms without a frame
const REFETCH_EVERY = 30_000; // ms between fetches of a stale page
const HANDOVER_AFTER = 60_000; // ms hidden until the stream is offered to a visible tab
const WINDOW_EVENTS = ["pagehide", "pageshow"];

class LiveStream extends HTMLElement {
  lastFrameAt = Date.now();
  refetchedAt = 0;
  cursor = 0;
  handoverTimer = 0;
  stopClock = () => {};
  /** @type {boolean | undefined} */
  isOpen = undefined;
  /** @type {SharedStream | null} */
  stream = null;
  /** @type {import("./live/events.js").StreamState | undefined} */
  state = undefined;

  connectedCallback() {
    this.cursor = Number(this.getAttribute("cursor")) || 0;
    for (const kind of WINDOW_EVENTS) addEventListener(kind, this);
    document.addEventListener("visibilitychange", this);
    this.stopClock = everySecond((now) => this.updateState(now));
    this.connect();
  }

  disconnectedCallback() {
    for (const kind of WINDOW_EVENTS) removeEventListener(kind, this);
    document.removeEventListener("visibilitychange", this);
    this.stopClock();
    this.disconnect();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "visibilitychange") this.onVisibilityChange();
    else if (event.type === "pagehide") this.disconnect();
    else if (/** @type {PageTransitionEvent} */ (event).persisted) this.connect();
  }

  connect() {
    const url = `${this.getAttribute("src")}?lang=${document.documentElement.lang}`;
    this.stream ??= new SharedStream({
      url,
      // Tabs in different languages have different rows. Differs from the name in earlier versions, whose tabs exchange
      // different messages.
      name: `reelboard-stream-${document.body.dataset.member}-${this.id ? url : document.documentElement.lang}`,
      cursor: this.cursor,
      callbacks: {
        onFrame: (frame) => this.onFrame(frame),
        onOpenChange: (isOpen) => this.onOpenChange(isOpen),
        onSessionEnd: redirectToLogin,
      },
    });
  }

  disconnect() {
    clearTimeout(this.handoverTimer);
    this.stream?.close();
    this.stream = null;
  }

  onVisibilityChange() {
    clearTimeout(this.handoverTimer);
    if (document.hidden) this.handoverTimer = setTimeout(() => this.stream?.offerHandover(), HANDOVER_AFTER);
    else this.stream?.requestFrames();
  }

  /** @param {import("./live/reconnecting-event-source.js").Frame} frame */
  onFrame({ event, data, id }) {
    this.lastFrameAt = Date.now();
    this.cursor = Math.max(this.cursor, id);
    if (event === "task" || event === "gone") emit(event, data);
    else if (event === "counts") emit("counts", JSON.parse(data));
    else if (event === "resync" || event === "changed") emit("refetch");
    this.onOpenChange(true);
  }

  /** @param {boolean} isOpen */
  onOpenChange(isOpen) {
    if (isOpen && !this.isOpen) this.lastFrameAt = Date.now();
    this.isOpen = isOpen;
    this.updateState(Date.now());
  }

  /** @param {number} now */
  updateState(now) {
    const isStale = now - this.lastFrameAt > STALE_AFTER;
    const state = isStale ? "stale" : this.connectionState();
    if (state !== this.state) emit("state", { state, since: this.lastFrameAt });
    this.state = state;
    if (!isStale || now - this.refetchedAt < REFETCH_EVERY) return;
    this.refetchedAt = now;
    emit("refetch");
  }

  connectionState() {
    if (this.isOpen === undefined) return "connecting";
    return this.isOpen ? "live" : "reconnecting";
  }
}

customElements.define("live-stream", LiveStream);
