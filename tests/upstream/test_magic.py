"""A video is recognized by its first bytes."""

import pytest

from dashboard.upstream.file_signatures import looks_like_video


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm", "video/webm"),
        (b"\x00\x00\x00\x1cftypavif", None),
        (b"\x00\x00\x00\x00ftypisom", None),
        (b"\x00\x00\x00\x20ftyp", None),
        (b"<!doctype html><!-- ftypisom -->", None),
        (b'{"url": "https://a/b"}', None),
        (b"%PDF-1.7", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_it_knows_a_video_by_its_first_bytes(head: bytes, kind: str | None) -> None:
    assert looks_like_video(head) == kind
