/** Names a video's codec: from the sample entries in its MP4 boxes (ISO/IEC 14496-12), or from what the server knows. */

/** @type {[string, string, string][]} four-character code, name, and an RFC 6381 string for `canPlayType` */
const CODECS = [
  ["hvc1", "HEVC", "hvc1.1.6.L93.B0"],
  ["hev1", "HEVC", "hev1.1.6.L93.B0"],
  ["av01", "AV1", "av01.0.04M.08"],
  ["vp09", "VP9", "vp09.00.10.08"],
  ["apch", "ProRes", "apch"],
  ["apcn", "ProRes", "apcn"],
  ["mp4v", "MPEG-4", "mp4v.20.9"],
  ["avc1", "H.264", "avc1.42E01E"],
];

/**
 * Returns the first codec in CODECS that is named in these bytes of a file; null if none is.
 *
 * @param {Uint8Array} bytes
 */
export function codecIn(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const found = CODECS.find(([code]) => text.includes(code));
  return found ? { name: found[1], type: `video/mp4; codecs="${found[2]}"` } : null;
}

/** @type {Record<string, string>} plain names to those of CODECS */
const ALIASES = { h265: "HEVC", hevc: "HEVC", h264: "H.264", avc: "H.264", av1: "AV1", vp9: "VP9", prores: "ProRes" };

/**
 * Returns the codec that is described by a MIME type, an RFC 6381 string or a plain name such as `hevc`; null if it
 * isn't known.
 *
 * @param {string} description
 */
export function codecNamed(description) {
  const known = codecIn(new TextEncoder().encode(description));
  if (known) return { ...known, type: description.includes("/") ? description : known.type };
  const name = ALIASES[description.toLowerCase().replace(/[^a-z0-9]/g, "")];
  const found = CODECS.find((codec) => codec[1] === name);
  return found ? { name: found[1], type: `video/mp4; codecs="${found[2]}"` } : null;
}
