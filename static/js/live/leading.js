/** What a tab does while it leads: it holds the stream, keeps what came by, and passes it on. */
import { History } from "./history.js";
import { Source } from "./source.js";

export class Leading {
  /** `say(kind, more)` tells the other tabs, `told` this page. */
  constructor(url, cursor, say, told) {
    Object.assign(this, { say, told, history: new History(cursor), isOpen: false });
    this.source = new Source(url, cursor, {
      frame: (frame) => this.pass(frame),
      open: (isOpen) => this.opened(isOpen),
      ended: () => (say("ended"), told.ended()),
    });
    // Whoever has seen less than where this stream begins has to fetch its page again.
    say("leads", { floor: cursor });
  }

  pass(frame) {
    this.history.add(frame);
    this.say("frame", { frame });
    this.told.frame(frame);
  }

  opened(isOpen) {
    this.isOpen = isOpen;
    this.say("open", { isOpen });
    this.told.open(isOpen);
  }

  answer({ cursor, from }) {
    this.say("answer", { to: from, frames: this.history.since(cursor), isOpen: this.isOpen });
  }

  end() {
    this.source.hush();
  }
}
