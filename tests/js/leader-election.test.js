import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { LeaderElection } from "../../static/js/live/leader-election.js";

// A page on plain http: no Web Locks, so a lease in localStorage decides.
let log;
let elections;

function join(name) {
  const callbacks = { onElected: () => log.push(`${name} leads`), onDeposed: () => log.push(`${name} follows`) };
  const election = new LeaderElection("stream", callbacks);
  elections.push(election);
  return election;
}

/** Advances in small steps, because the mocked clock jumps to the end of a step immediately. */
function wait(milliseconds) {
  for (let passed = 0; passed < milliseconds; passed += 100) mock.timers.tick(100);
}

beforeEach(() => {
  const stored = new Map();
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  globalThis.localStorage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
    removeItem: (key) => stored.delete(key),
  };
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  [log, elections] = [[], []];
});

afterEach(() => {
  for (const election of elections) election.close();
  mock.timers.reset();
});

test("the first tab leads, and stays the leader", () => {
  join("first");
  join("second");
  wait(60_000);
  assert.deepEqual(log, ["first leads"]);
});

test("another tab takes over from one that was closed", () => {
  const first = join("first");
  join("second");
  first.close();
  wait(2500);
  assert.deepEqual(log, ["first leads", "first follows", "second leads"]);
});

test("another tab takes over from one that crashed, once its lease is over", () => {
  clearInterval(join("first").timer);
  join("second");
  wait(5000);
  assert.deepEqual(log, ["first leads"]);
  wait(3500);
  assert.deepEqual(log, ["first leads", "second leads"]);
});

test("a tab that steals leads, and the other one follows", () => {
  join("first");
  join("second").steal();
  wait(2500);
  assert.deepEqual(log, ["first leads", "second leads", "first follows"]);
});
