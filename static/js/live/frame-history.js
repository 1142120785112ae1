/**
 * The frames that the leading tab has broadcast recently. A page that was rendered shortly before may have missed them.
 *
 * @typedef {import("./reconnecting-event-source.js").Frame} Frame
 */
const LIMIT = 200;

export class FrameHistory {
  /** @type {Frame[]} */
  frames = [];

  /** @param {number} floor cursor after which every frame is in this history */
  constructor(floor) {
    this.floor = floor;
  }

  /** @param {Frame} frame */
  add(frame) {
    if (frame.event === "tick") return;
    if (frame.event === "resync") {
      this.frames = [];
      this.floor = frame.id;
      return;
    }
    this.frames.push(frame);
    if (this.frames.length > LIMIT) this.floor = this.frames.shift()?.id ?? this.floor;
  }

  /**
   * Returns the frames after `cursor`; null if the history doesn't go back that far and the page has to be refetched.
   *
   * @param {number} cursor
   */
  since(cursor) {
    return cursor < this.floor ? null : this.frames.filter(({ id }) => id > cursor);
  }
}
