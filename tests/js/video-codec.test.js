import assert from "node:assert/strict";
import { test } from "node:test";
import { codecIn } from "../../static/js/video-codec.js";

const bytes = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));

test("a codec is known by its sample entry", () => {
  const names = ["hvc1", "hev1", "av01", "vp09", "apcn", "mp4v", "avc1"].map(
    (code) => codecIn(bytes(`\0\0\0\x10stsd\xff${code}\0`))?.name,
  );
  assert.deepEqual(names, ["HEVC", "HEVC", "AV1", "VP9", "ProRes", "MPEG-4", "H.264"]);
});

test("bytes that name none tell none", () => {
  assert.equal(codecIn(bytes("ftypisom")), null);
  assert.equal(codecIn(new Uint8Array()), null);
});

test("a browser is asked with a whole codec string", () => {
  assert.equal(codecIn(bytes("hvc1"))?.type, 'video/mp4; codecs="hvc1.1.6.L93.B0"');
});
