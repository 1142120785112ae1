/**
 * The job of the leading tab: it holds the stream, stores its recent frames, and broadcasts them to the other tabs.
 *
 * @typedef {import("./reconnecting-event-source.js").Frame} Frame
 * @typedef {import("./reconnecting-event-source.js").StreamCallbacks} StreamCallbacks
 */
import { FrameHistory } from "./frame-history.js";
import { ReconnectingEventSource } from "./reconnecting-event-source.js";

export class Broadcaster {
  isOpen = false;

  /**
   * @param {string} url
   * @param {number} cursor
   * @param {(message: import("./shared-stream.js").Message) => void} post posts to the other tabs
   * @param {StreamCallbacks} callbacks callbacks of this page
   */
  constructor(url, cursor, post, callbacks) {
    this.post = post;
    this.callbacks = callbacks;
    this.history = new FrameHistory(cursor);
    this.source = new ReconnectingEventSource(url, cursor, {
      onFrame: (frame) => this.broadcast(frame),
      onOpenChange: (isOpen) => this.updateOpen(isOpen),
      onSessionEnd: () => this.endSession(),
    });
    // A page whose cursor is older than the start of this stream has to be refetched.
    post({ kind: "elected", floor: cursor });
  }

  /** @param {Frame} frame */
  broadcast(frame) {
    this.history.add(frame);
    this.post({ kind: "frame", frame });
    this.callbacks.onFrame(frame);
  }

  /** @param {boolean} isOpen */
  updateOpen(isOpen) {
    this.isOpen = isOpen;
    this.post({ kind: "open", isOpen });
    this.callbacks.onOpenChange(isOpen);
  }

  endSession() {
    this.post({ kind: "sessionEnd" });
    this.callbacks.onSessionEnd();
  }

  /** @param {{ cursor: number, from: string }} request */
  respond({ cursor, from }) {
    this.post({ kind: "response", to: from, frames: this.history.since(cursor), isOpen: this.isOpen });
  }

  close() {
    this.source.close();
  }
}
