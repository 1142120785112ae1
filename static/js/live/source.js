/**
 * The stream itself: an EventSource that comes back.
 *
 * The browser's own reconnecting gives up for good at the first answer that is not a stream (a 502 is enough), so each
 * connection that ends is closed here and made anew, with a growing pause and the last id.
 */
export const EVENTS = ["task", "gone", "counts", "tick", "resync", "bye"];
const SILENCE = 20_000; // ms; the server says something every 15 s

export class Source {
  /** `told.frame({event, data, id})`, `told.open(is open)`, `told.ended()` when the session is over. */
  constructor(url, since, told) {
    Object.assign(this, { url, since, told, attempts: 0 });
    this.connect();
  }

  connect() {
    this.stream = new EventSource(`${this.url}?since=${this.since}`);
    this.heard = false;
    this.stream.onopen = () => this.open();
    this.stream.onerror = () => this.lost();
    for (const event of EVENTS) this.stream.addEventListener(event, (message) => this.receive(event, message));
    this.watch();
  }

  open() {
    this.heard = true;
    this.told.open(true);
    this.watch();
  }

  receive(event, { data, lastEventId }) {
    this.attempts = 0;
    if (lastEventId) this.since = lastEventId;
    this.watch();
    if (event === "bye") return this.again(JSON.parse(data).retry_ms);
    this.told.frame({ event, data, id: Number(this.since) });
  }

  /** Silence is a broken connection too: a sleeping laptop or a proxy tells nobody. */
  watch() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), SILENCE);
  }

  lost() {
    // 1 to 15 s with jitter in the first minutes of an outage, then up to 30 s.
    const ceiling = Math.min(this.attempts > 12 ? 30 : 15, 2 ** this.attempts);
    this.attempts += 1;
    this.again(1000 + Math.random() * 1000 * (ceiling - 1));
  }

  again(pause) {
    const wasRefused = !this.heard;
    this.hush();
    this.told.open(false);
    this.timer = setTimeout(() => (wasRefused ? this.probe() : this.connect()), pause);
  }

  /** An EventSource does not say why it was refused. One plain request does: 401 means that the session ended. */
  async probe() {
    const patience = (this.patience = new AbortController());
    setTimeout(() => patience.abort(), 5000);
    const answer = await fetch(`${this.url}?since=${this.since}`, { signal: patience.signal }).catch(() => Response.error());
    const wait = Number(answer.headers.get("Retry-After")); // seconds
    patience.abort();
    if (this.patience !== patience) return;
    if (answer.status === 401) this.told.ended();
    else if (answer.status === 200) this.connect();
    else if (wait) this.again(1000 * wait * (1 + Math.random() / 2));
    else this.lost();
  }

  hush() {
    clearTimeout(this.watchdog);
    clearTimeout(this.timer);
    this.patience?.abort();
    this.patience = null;
    this.stream?.close();
  }
}
