import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMoment, momentIn } from "../../static/js/moment.js";
import { changedLoop, loopTarget, nextSpeed } from "../../static/js/video-controls.js";

test("a moment is read from a fragment", () => {
  const hashes = ["#t=12.5", "#t=npt:1:02.5", "#t=10,20", "#x=1&t=3", "#t=", "#t=-1", "#t=abc", "#share", ""];
  assert.deepEqual(hashes.map(momentIn), [12.5, 62.5, 10, 3, null, null, null, null, null]);
});

test("a moment is written with tenths of a second", () => {
  assert.deepEqual([0, 1.25, 2, 62.59].map(formatMoment), ["0:00.0", "0:01.2", "0:02.0", "1:02.5"]);
});

test("speeds end at a quarter and at four times", () => {
  assert.deepEqual([nextSpeed(1, 1), nextSpeed(1, -1), nextSpeed(4, 1), nextSpeed(0.25, -1)], [1.25, 0.75, 4, 0.25]);
});

test("a loop is never the wrong way around", () => {
  assert.deepEqual(changedLoop({ start: null, end: 5 }, "start", 2), { start: 2, end: 5 });
  assert.deepEqual(changedLoop({ start: 2, end: 5 }, "start", 6), { start: 6, end: null });
  assert.deepEqual(changedLoop({ start: 2, end: 5 }, "end", 1), { start: null, end: 1 });
});

test("a loop goes back at its end only", () => {
  const loop = { start: 2, end: 5 };
  assert.deepEqual(
    [loopTarget(loop, 4, false), loopTarget(loop, 5, false), loopTarget(loop, 1, false)],
    [null, 2, null],
  );
  assert.equal(loopTarget({ start: 2, end: null }, 9, true), 2);
  assert.equal(loopTarget({ start: null, end: null }, 9, true), null);
});
