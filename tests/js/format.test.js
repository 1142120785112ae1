import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, formatRelative } from "../../static/js/format.js";

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const NOW = Date.UTC(2026, 10, 3, 12);

test("a duration is written like the server's", () => {
  const seconds = [-1, 0, 5.9, 65, 754, 3600, 3723];
  assert.deepEqual(seconds.map(formatDuration), ["0:00", "0:00", "0:05", "1:05", "12:34", "1:00:00", "1:02:03"]);
});

test("a time in the past is rounded down", () => {
  const ages = [0, 9.9, 10, 59.9, 60, 3599, 3600, 86_399, 86_400, 7.4 * 86_400];
  const words = ["just now", "just now", "10 s ago", "59 s ago", "1 min ago", "59 min ago", "1 h ago", "23 h ago"];
  assert.deepEqual(
    ages.map((age) => formatRelative(NOW - age * SECOND, NOW)),
    [...words, "1 d ago", "7 d ago"],
  );
});

test("a time in the future is rounded to the nearest unit", () => {
  const delays = [5, 30, 90, 6.9 * 86_400];
  assert.deepEqual(
    delays.map((delay) => formatRelative(NOW + delay * SECOND, NOW)),
    ["in a moment", "in 30 s", "in 2 min", "in 7 d"],
  );
});

test("a date beyond a week names its year only if it is another", () => {
  assert.doesNotMatch(formatRelative(NOW - 30 * DAY, NOW), /2026/);
  assert.match(formatRelative(NOW - 400 * DAY, NOW), /2025/);
});
