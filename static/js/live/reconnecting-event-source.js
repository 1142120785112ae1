/**
 * An EventSource that reconnects.
 *
 * The browser stops reconnecting for good at the first response that is not a stream, such as a 502. So each connection
 * that ends is closed and opened again here, with an increasing delay and the last ID.
 *
 * @typedef {{ event: string, data: string, id: number }} Frame
 * @typedef {object} StreamCallbacks
 * @property {(frame: Frame) => void} onFrame
 * @property {(isOpen: boolean) => void} onOpenChange
 * @property {() => void} onSessionEnd
 */

export const EVENTS = ["task", "gone", "changed", "counts", "tick", "resync", "close"];
const SILENCE_TIMEOUT = 20_000; // ms; the server sends something every 15 s
const PROBE_TIMEOUT = 5_000; // ms

export class ReconnectingEventSource {
  attempts = 0;
  hasOpened = false;
  watchdog = 0;
  timer = 0;
  /** @type {EventSource | null} */
  source = null;
  /** @type {AbortController | null} */
  probing = null;

  /**
   * @param {string} url with a query
   * @param {number} cursor
   * @param {StreamCallbacks} callbacks
   */
  constructor(url, cursor, callbacks) {
    this.url = url;
    this.cursor = cursor;
    this.callbacks = callbacks;
    this.connect();
  }

  connect() {
    this.source = new EventSource(`${this.url}&since=${this.cursor}`);
    this.hasOpened = false;
    this.source.onopen = () => this.handleOpen();
    this.source.onerror = () => this.retry();
    for (const event of EVENTS) this.source.addEventListener(event, (message) => this.receive(event, message));
    this.restartWatchdog();
  }

  handleOpen() {
    this.hasOpened = true;
    this.callbacks.onOpenChange(true);
    this.restartWatchdog();
  }

  /**
   * @param {string} event
   * @param {MessageEvent<string>} message
   */
  receive(event, { data, lastEventId }) {
    this.attempts = 0;
    if (lastEventId) this.cursor = Number(lastEventId);
    this.restartWatchdog();
    if (event === "close") return this.reconnectIn(JSON.parse(data).retry_ms);
    this.callbacks.onFrame({ event, data, id: this.cursor });
  }

  /** Treats silence as a broken connection: after sleep, or behind some proxies, the browser reports no error. */
  restartWatchdog() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.retry(), SILENCE_TIMEOUT);
  }

  retry() {
    // 1 to 15 s with jitter in the first minutes of an outage, then up to 30 s.
    const ceiling = Math.min(this.attempts > 12 ? 30 : 15, 2 ** this.attempts);
    this.attempts += 1;
    this.reconnectIn(1000 + Math.random() * 1000 * (ceiling - 1));
  }

  /** @param {number} delay in ms */
  reconnectIn(delay) {
    const wasRefused = !this.hasOpened;
    this.close();
    this.callbacks.onOpenChange(false);
    this.timer = setTimeout(() => (wasRefused ? this.probe() : this.connect()), delay);
  }

  /** An EventSource doesn't report why it was refused. A plain request does: 401 means that the session has ended. */
  async probe() {
    const probing = new AbortController();
    this.probing = probing;
    const timeout = setTimeout(() => probing.abort(), PROBE_TIMEOUT);
    const url = `${this.url}&since=${this.cursor}`;
    const response = await fetch(url, { signal: probing.signal }).catch(() => Response.error());
    const retryAfter = Number(response.headers.get("Retry-After")); // seconds
    clearTimeout(timeout);
    probing.abort();
    if (this.probing !== probing) return;
    if (response.status === 401) this.callbacks.onSessionEnd();
    else if (response.status === 200) this.connect();
    else if (retryAfter) this.reconnectIn(1000 * retryAfter * (1 + Math.random() / 2));
    else this.retry();
  }

  close() {
    clearTimeout(this.watchdog);
    clearTimeout(this.timer);
    this.probing?.abort();
    this.probing = null;
    this.source?.close();
  }
}
