/** Sizes of videos by aspect ratio and resolution. Pure. */

/** @typedef {{ width: number, height: number }} Size */

const RESOLUTIONS = new Map([
  [480, { width: 854, height: 480 }],
  [720, { width: 1280, height: 720 }],
  [1080, { width: 1920, height: 1080 }],
]);
const MULTIPLE = 8; // of which encoders want both sides

/**
 * A resolution names the short side at 16:9; at other ratios a video has about as many pixels.
 *
 * @param {string} ratio such as "4:3"
 * @param {number} resolution 480, 720 or 1080
 * @returns {Size}
 */
export function sizeOf(ratio, resolution) {
  const base = RESOLUTIONS.get(resolution) ?? { width: 1280, height: 720 };
  if (ratio === "16:9") return base;
  if (ratio === "9:16") return { width: base.height, height: base.width };
  const [across, down] = ratio.split(":").map(Number);
  const width = Math.sqrt((base.width * base.height * across) / down);
  return { width: toMultiple(width), height: toMultiple((width * down) / across) };
}

/** @param {number} pixels */
const toMultiple = (pixels) => Math.round(pixels / MULTIPLE) * MULTIPLE;

/**
 * The ratio and the resolution of a size that `sizeOf` makes; empty for any other.
 *
 * @param {Size} size
 * @param {string[]} ratios
 * @returns {{ ratio?: string, resolution?: number }}
 */
export function nameOf(size, ratios) {
  for (const ratio of ratios) {
    for (const resolution of RESOLUTIONS.keys()) {
      const found = sizeOf(ratio, resolution);
      if (found.width === size.width && found.height === size.height) return { ratio, resolution };
    }
  }
  return {};
}
