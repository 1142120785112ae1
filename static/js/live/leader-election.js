/**
 * Elects the tab of this browser that holds the stream, because browsers allow six HTTP/1.1 connections per host.
 * It uses Web Locks. Pages on plain HTTP don't have them, and use a lease in localStorage that is renewed every 2 s.
 *
 * @typedef {{ onElected: () => void, onDeposed: () => void }} ElectionCallbacks
 */
const LEASE = 6000; // ms

export class LeaderElection {
  isLeader = false;
  isClosed = false;
  timer = 0;
  id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  /** @type {AbortController | null} */
  waiting = null;
  /** @type {((value?: unknown) => void) | null} */
  releaseLock = null;

  /**
   * Takes part in the election immediately.
   *
   * @param {string} name
   * @param {ElectionCallbacks} callbacks
   */
  constructor(name, callbacks) {
    this.name = name;
    this.callbacks = callbacks;
    if (navigator.locks) {
      this.requestLock();
    } else {
      this.timer = setInterval(() => this.renewLease(), 2000 + Math.random() * 500);
      this.renewLease();
    }
  }

  /** Takes over from a tab that offered it. */
  steal() {
    if (this.isLeader) return;
    if (navigator.locks) this.requestLock({ steal: true });
    else this.writeLease();
  }

  close() {
    clearInterval(this.timer);
    this.isClosed = true;
    this.waiting?.abort();
    this.stepDown();
    if (!navigator.locks && this.readLease().id === this.id) localStorage.removeItem(this.name);
  }

  /** @param {LockOptions} [options] */
  requestLock(options) {
    this.waiting?.abort();
    const waiting = new AbortController();
    this.waiting = waiting;
    // A request that steals must not have a signal.
    navigator.locks
      .request(this.name, options ?? { signal: waiting.signal }, () => this.holdLock())
      .catch(() => {
        if (this.waiting !== waiting || this.isClosed) return;
        this.stepDown();
        this.requestLock();
      });
  }

  holdLock() {
    if (this.isClosed) return undefined;
    this.becomeLeader();
    return new Promise((resolve) => {
      this.releaseLock = resolve;
    });
  }

  becomeLeader() {
    if (this.isLeader) return;
    this.isLeader = true;
    this.callbacks.onElected();
  }

  stepDown() {
    this.releaseLock?.();
    if (!this.isLeader) return;
    this.isLeader = false;
    this.callbacks.onDeposed();
  }

  renewLease() {
    const { id, until } = this.readLease();
    if (id === this.id || !(until > Date.now())) this.writeLease();
    else this.stepDown();
  }

  readLease() {
    return JSON.parse(localStorage.getItem(this.name) ?? "{}");
  }

  writeLease() {
    localStorage.setItem(this.name, JSON.stringify({ id: this.id, until: Date.now() + LEASE }));
    this.becomeLeader();
  }
}
