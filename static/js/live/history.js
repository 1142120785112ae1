/** The frames that a leading tab has passed on: what a page that was rendered a moment earlier may have missed. */
const MOST = 200;

export class History {
  /** `floor`: everything after this cursor is known here. */
  constructor(floor) {
    this.floor = floor;
    this.frames = [];
  }

  add(frame) {
    if (frame.event === "tick") return;
    if (frame.event === "resync") {
      this.frames = [];
      this.floor = frame.id;
      return;
    }
    this.frames.push(frame);
    if (this.frames.length > MOST) this.floor = this.frames.shift().id;
  }

  /** What came after `cursor`; null if that goes further back than is kept, so that the page has to be fetched again. */
  since(cursor) {
    return cursor < this.floor ? null : this.frames.filter(({ id }) => id > cursor);
  }
}
