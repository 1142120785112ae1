import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { ReconnectingEventSource } from "../../static/js/live/reconnecting-event-source.js";

class FakeEventSource extends EventTarget {
  static opened = [];
  isClosed = false;

  constructor(url) {
    super();
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  send(type, data, lastEventId) {
    this.dispatchEvent(Object.assign(new Event(type), { data, lastEventId }));
  }

  close() {
    this.isClosed = true;
  }
}

const latest = () => FakeEventSource.opened.at(-1);
const flush = () => new Promise((resolve) => setImmediate(resolve));
let log;
let status;
let headers;

function connect() {
  return new ReconnectingEventSource("/events?lang=en", 7, {
    onFrame: ({ event, id }) => log.push(`${event} ${id}`),
    onOpenChange: (isOpen) => log.push(isOpen ? "open" : "closed"),
    onSessionEnd: () => log.push("session ended"),
  });
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  FakeEventSource.opened = [];
  [log, status, headers] = [[], 200, {}];
  globalThis.EventSource = FakeEventSource;
  globalThis.fetch = async () => new Response(null, { status, headers });
});

afterEach(() => mock.timers.reset());

test("it passes frames on with their cursor", () => {
  connect();
  latest().onopen();
  latest().send("task", "<li>", "8");
  latest().send("tick", "", "");
  assert.equal(latest().url, "/events?lang=en&since=7");
  assert.deepEqual(log, ["open", "task 8", "tick 8"]);
});

test("it comes back when the server says, after close", () => {
  connect();
  latest().onopen();
  latest().send("close", '{"retry_ms": 2500}', "9");
  mock.timers.tick(2499);
  assert.equal(FakeEventSource.opened.length, 1);
  mock.timers.tick(1);
  assert.deepEqual([latest().url, log.at(-1)], ["/events?lang=en&since=9", "closed"]);
});

test("it takes silence for a broken connection", () => {
  connect();
  latest().onopen();
  mock.timers.tick(20_000);
  assert.equal(FakeEventSource.opened[0].isClosed, true);
  mock.timers.tick(1000);
  assert.equal(FakeEventSource.opened.length, 2);
});

test("it connects again once a server that refused it responds", async () => {
  status = 502;
  connect();
  latest().onerror();
  mock.timers.tick(1000);
  await flush();
  assert.equal(FakeEventSource.opened.length, 1);
  status = 200;
  mock.timers.tick(2000);
  await flush();
  assert.equal(FakeEventSource.opened.length, 2);
});

test("it waits as long as a server that refused it asks for", async () => {
  [status, headers] = [429, { "Retry-After": "4" }];
  connect();
  latest().onerror();
  mock.timers.tick(1000);
  await flush();
  [status, headers] = [200, {}];
  mock.timers.tick(3999);
  await flush();
  assert.equal(FakeEventSource.opened.length, 1);
  mock.timers.tick(2001);
  await flush();
  assert.equal(FakeEventSource.opened.length, 2);
});

test("it reports the end of the session and stops", async () => {
  status = 401;
  connect();
  latest().onerror();
  mock.timers.tick(1000);
  await flush();
  mock.timers.tick(60_000);
  assert.deepEqual([log, FakeEventSource.opened.length], [["closed", "session ended"], 1]);
});

test("it waits at most 30 seconds, with jitter", () => {
  const source = connect();
  source.attempts = 100;
  const delays = [];
  source.reconnectIn = (delay) => delays.push(delay);
  for (let count = 0; count < 50; count += 1) source.retry();
  assert.ok(delays.every((delay) => delay >= 1000 && delay <= 30_000));
  assert.ok(new Set(delays).size > 1);
});

test("it does nothing more once closed", () => {
  connect().close();
  mock.timers.tick(60_000);
  assert.deepEqual([FakeEventSource.opened.length, latest().isClosed, log], [1, true, []]);
});
