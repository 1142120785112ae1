"""content.media: what is a video, and of which type."""

import pytest

from dashboard.content import media

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00"
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01"


@pytest.mark.parametrize(
    ("declared", "head", "seen"),
    [
        ("video/mp4", MP4, "video/mp4"),
        ("application/octet-stream", MP4, "video/mp4"),
        ("", WEBM, "video/webm"),
        ("video/mp4", WEBM, "video/webm"),
        ("Video/QuickTime; x=1", MP4, "video/quicktime"),
        ("video/mp4", MOV, "video/quicktime"),
        ("video/mp4", b"<html>", None),
        ("video/mp4", b'{"url": ""}', None),
        ("video/mp4", b"", None),
    ],
)
def test_it_goes_by_the_bytes(declared: str, head: bytes, seen: str | None) -> None:
    assert media.type_of(declared, head) == seen


@pytest.mark.parametrize(
    "declared", ["text/html", "image/svg+xml", "application/json", "multipart/byteranges", "video/x"]
)
def test_it_does_not_believe_other_types(declared: str) -> None:
    assert not media.is_believable(declared)


@pytest.mark.parametrize("declared", ["video/mp4", "VIDEO/WEBM; codecs=vp9", "", "binary/octet-stream"])
def test_it_believes_videos_and_the_unnamed(declared: str) -> None:
    assert media.is_believable(declared)
