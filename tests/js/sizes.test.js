import assert from "node:assert/strict";
import test from "node:test";
import { nameOf, sizeOf } from "../../static/js/sizes.js";

const RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"];

test("a resolution names the short side at 16:9", () => {
  assert.deepEqual(sizeOf("16:9", 720), { width: 1280, height: 720 });
  assert.deepEqual(sizeOf("9:16", 1080), { width: 1080, height: 1920 });
  assert.deepEqual(sizeOf("16:9", 480), { width: 854, height: 480 });
});

test("other ratios have about as many pixels, and sides that encoders take", () => {
  for (const ratio of RATIOS.slice(2)) {
    for (const [resolution, pixels] of [
      [480, 854 * 480],
      [720, 1280 * 720],
      [1080, 1920 * 1080],
    ]) {
      const { width, height } = sizeOf(ratio, resolution);
      const [across, down] = ratio.split(":").map(Number);
      assert.ok(Math.abs((width * height) / pixels - 1) < 0.03, `${ratio} ${resolution}`);
      assert.ok(Math.abs(width / height / (across / down) - 1) < 0.03, `${ratio} ${resolution}`);
      assert.equal((width % 8) + (height % 8), 0);
    }
  }
});

test("a size is known by its names", () => {
  for (const ratio of RATIOS) {
    for (const resolution of [480, 720, 1080])
      assert.deepEqual(nameOf(sizeOf(ratio, resolution), RATIOS), { ratio, resolution });
  }
  assert.deepEqual(nameOf({ width: 640, height: 360 }, RATIOS), {});
});
