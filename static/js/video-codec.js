/** Detects a video's codec by the sample entries in its MP4 boxes (ISO/IEC 14496-12). WebM is not supported. */

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
