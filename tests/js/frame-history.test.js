import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameHistory } from "../../static/js/live/frame-history.js";

const frame = (id, event = "task") => ({ event, data: "", id });
const ids = (frames) => frames.map(({ id }) => id);

test("it returns the frames after a cursor", () => {
  const history = new FrameHistory(10);
  for (const id of [11, 12, 13]) history.add(frame(id));
  assert.deepEqual(ids(history.since(11)), [12, 13]);
  assert.deepEqual(history.since(13), []);
});

test("it returns null for a cursor before its start", () => {
  assert.equal(new FrameHistory(10).since(9), null);
});

test("it keeps no ticks", () => {
  const history = new FrameHistory(10);
  history.add(frame(11, "tick"));
  assert.deepEqual(history.since(10), []);
});

test("it starts over after a resync", () => {
  const history = new FrameHistory(10);
  history.add(frame(11));
  history.add(frame(20, "resync"));
  assert.equal(history.since(11), null);
  assert.deepEqual(history.since(20), []);
});

test("it forgets the oldest frames, and no longer claims to know them", () => {
  const history = new FrameHistory(0);
  for (let id = 1; id <= 201; id += 1) history.add(frame(id));
  assert.equal(history.since(0), null);
  assert.equal(history.since(1).length, 200);
});
