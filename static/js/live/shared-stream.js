/**
 * Connects this page to the browser's single stream, regardless of which tab holds it.
 *
 * A page posts a request with its cursor. The leading tab responds with the frames since then, or tells the page to
 * refetch. So nothing is lost between the rendering of a page and its first frame.
 *
 * @typedef {import("./reconnecting-event-source.js").Frame} Frame
 * @typedef {import("./reconnecting-event-source.js").StreamCallbacks} StreamCallbacks
 *
 * @typedef {{ kind: "request", cursor: number, from: string, isVisible: boolean }} FramesRequest
 * @typedef {{ kind: "response", to: string, frames: Frame[] | null, isOpen: boolean }} FramesResponse
 * @typedef {FramesRequest | FramesResponse
 *   | { kind: "elected", floor: number } | { kind: "frame", frame: Frame } | { kind: "open", isOpen: boolean }
 *   | { kind: "sessionEnd" } | { kind: "handover" }} Message
 */
import { Broadcaster } from "./broadcaster.js";
import { LeaderElection } from "./leader-election.js";

export class SharedStream {
  id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  isHidden = false;
  /** @type {Broadcaster | null} */
  broadcaster = null;

  /** @param {{ url: string, cursor: number, name: string, callbacks: StreamCallbacks }} options */
  constructor({ url, cursor, name, callbacks }) {
    this.url = url;
    this.cursor = cursor;
    this.callbacks = callbacks;
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }) => this.receive(data);
    this.election = new LeaderElection(name, { onElected: () => this.lead(), onDeposed: () => this.follow() });
    this.requestFrames();
  }

  close() {
    this.election.close();
    this.channel.close();
  }

  requestFrames() {
    this.isHidden = false;
    if (this.broadcaster) return;
    this.post({ kind: "request", cursor: this.cursor, from: this.id, isVisible: !document.hidden });
  }

  /** Lets a visible tab take over the stream from this hidden one, now or when it posts a request. */
  offerHandover() {
    this.isHidden = true;
    if (this.broadcaster) this.post({ kind: "handover" });
  }

  /** @param {Message} message */
  post(message) {
    this.channel.postMessage(message);
  }

  lead() {
    const callbacks = { ...this.callbacks, onFrame: (/** @type {Frame} */ frame) => this.onFrame(frame) };
    this.broadcaster = new Broadcaster(this.url, this.cursor, (message) => this.post(message), callbacks);
  }

  follow() {
    this.broadcaster?.close();
    this.broadcaster = null;
  }

  /** @param {Message} message */
  receive(message) {
    if (message.kind === "request") this.onRequest(message);
    else if (message.kind === "response") this.onResponse(message);
    else if (message.kind === "elected") this.onElected(message.floor);
    else if (message.kind === "frame") this.onFrame(message.frame);
    else if (message.kind === "open") this.callbacks.onOpenChange(message.isOpen);
    else if (message.kind === "sessionEnd") this.callbacks.onSessionEnd();
    else if (!document.hidden) setTimeout(() => this.election.steal(), Math.random() * 200);
  }

  /** @param {FramesRequest} request */
  onRequest(request) {
    this.broadcaster?.respond(request);
    if (request.isVisible && this.isHidden) this.offerHandover();
  }

  /** @param {FramesResponse} response */
  onResponse({ to, frames, isOpen }) {
    if (to !== this.id) return;
    if (!frames) this.resync("the page is older than the history");
    for (const frame of frames ?? []) this.onFrame(frame);
    this.callbacks.onOpenChange(isOpen);
  }

  /** @param {number} floor */
  onElected(floor) {
    if (floor > this.cursor) this.resync("the new leader's history starts later than this page");
  }

  /** @param {string} reason */
  resync(reason) {
    this.callbacks.onFrame({ event: "resync", data: reason, id: this.cursor });
  }

  /** @param {Frame} frame */
  onFrame(frame) {
    this.cursor = Math.max(this.cursor, frame.id);
    this.callbacks.onFrame(frame);
  }
}
