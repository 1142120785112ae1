/**
 * Which tab of this browser holds the stream: HTTP/1.1 has six connections per host, and tabs are many.
 * Web Locks decide; where a page on plain http does not have them, a lease in localStorage does, renewed every 2 s.
 */
const LEASE = 6000; // ms

export class Leadership {
  /** Waits for its turn from the start. `told.gained()` and `told.lost()` come in turns. */
  constructor(name, told) {
    Object.assign(this, { name, told, key: crypto.getRandomValues(new Uint32Array(2)).join("-") });
    if (navigator.locks) this.queue();
    else this.timer = setInterval(() => this.renew(), 2000 + Math.random() * 500);
    if (!navigator.locks) this.renew();
  }

  /** Takes it over from a tab that offered it. */
  steal() {
    if (this.leads) return;
    if (navigator.locks) this.queue({ steal: true });
    else this.write();
  }

  leave() {
    clearInterval(this.timer);
    this.isGone = true;
    this.abort?.abort();
    this.end();
    if (!navigator.locks && this.read().key === this.key) localStorage.removeItem(this.name);
  }

  queue(options) {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    // A request that steals may not carry a signal.
    navigator.locks.request(this.name, options ?? { signal: abort.signal }, () => this.hold()).catch(() => {
      if (this.abort !== abort || this.isGone) return;
      this.end();
      this.queue();
    });
  }

  hold() {
    if (this.isGone) return undefined;
    this.begin();
    return new Promise((release) => (this.release = release));
  }

  begin() {
    if (this.leads) return;
    this.leads = true;
    this.told.gained();
  }

  end() {
    this.release?.();
    if (!this.leads) return;
    this.leads = false;
    this.told.lost();
  }

  renew() {
    const { key, until } = this.read();
    if (key === this.key || !(until > Date.now())) this.write();
    else this.end();
  }

  read() {
    return JSON.parse(localStorage.getItem(this.name) ?? "{}");
  }

  write() {
    localStorage.setItem(this.name, JSON.stringify({ key: this.key, until: Date.now() + LEASE }));
    this.begin();
  }
}
