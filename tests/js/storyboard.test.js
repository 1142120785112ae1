import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = /** @type {any} */ ({
  addEventListener() {},
  documentElement: { lang: "en" },
  getElementById: () => null,
  querySelector: () => null,
});
globalThis.addEventListener = () => {};
if (!globalThis.navigator) globalThis.navigator = /** @type {any} */ ({ languages: [] });
const { frameAt, storyboardOf } = await import("../../static/js/storyboard.js");

test("the frame is the one at that share of the width", () => {
  assert.deepEqual(frameAt(0), { index: 0, position: 0, time: 0.5 / 11 });
  assert.equal(frameAt(0.5).index, 5);
  assert.equal(frameAt(0.5).position, 50);
  assert.deepEqual(
    [frameAt(1), frameAt(7)].map(({ index, position }) => [index, position]),
    [
      [10, 100],
      [10, 100],
    ],
  );
  assert.equal(frameAt(-1).index, 0);
});

test("the storyboard is beside the poster", () => {
  assert.equal(storyboardOf("/tasks/1/poster?v=2"), "/tasks/1/storyboard?v=2");
  assert.equal(storyboardOf("/s/poster/poster?video=2&v=2"), "/s/poster/storyboard?video=2&v=2");
});
