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
    "declared",
    [
        *("text/plain", "text/html", "application/json", "application/mp4", "video/x-m4v", "multipart/form-data"),
        "",
        "x",
    ],
)
def test_it_does_not_matter_what_a_video_is_called(declared: str) -> None:
    assert media.type_of(declared, MP4) == "video/mp4"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"GIF89a", "an animated picture (GIF)"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X", "a picture (WebP)"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0", "a picture (JPEG)"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "a picture (AVIF)"),
        (b"#EXTM3U\n#EXT-X-VERSION:3", "a playlist (HLS)"),
        (b"ID3\x04", "a sound file (MP3)"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "a video in a format that browsers do not play (AVI)"),
        (b"\xef\xbb\xbf\n <!doctype html>", "a web page"),
        (b' {"url": ""}', "an answer in JSON"),
        (b"", "a file of an unknown kind"),
    ],
)
def test_it_says_what_something_else_is(head: bytes, words: str) -> None:
    assert (media.type_of("video/mp4", head), media.problem_of(head)) == (None, f"The file is {words}, not a video.")
