"""Detects which bodies are videos, and their media type for browsers, from the bytes rather than the headers."""

from typing import Final

from dashboard.upstream.file_signatures import HEAD, looks_like_video

# Other content that is sent in place of a video, by its first bytes.
_KINDS: Final = (
    (b"GIF8", "an animated picture (GIF)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"#EXTM3U", "a playlist (HLS)"),
    (b"PK\x03\x04", "an archive (ZIP)"),
    (b"ID3", "a sound file (MP3)"),
    (b"fLaC", "a sound file (FLAC)"),
    (b"FLV", "a video in a format that browsers do not play (FLV)"),
    (b"\x00\x00\x01\xba", "a video in a format that browsers do not play (MPEG)"),
    (b"<", "a web page"),
    (b"{", "an answer in JSON"),
    (b"[", "an answer in JSON"),
)
_RIFF: Final = {
    b"WEBP": "a picture (WebP)",
    b"WAVE": "a sound file (WAV)",
    b"AVI ": "a video in a format that browsers do not play (AVI)",
}
_STILLS: Final = {b"avif": "a picture (AVIF)", b"avis": "an animated picture (AVIF)", b"M4A ": "a sound file (M4A)"}

# Pictures are harmless, and were paid for, so they are saved and offered as a download.
_PICTURES: Final = {b"GIF8": "image/gif", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
PICTURE_NAMES: Final = {
    "image/gif": "an animated picture (GIF)",
    "image/png": "a picture (PNG)",
    "image/jpeg": "a picture (JPEG)",
    "image/webp": "a picture (WebP)",
}

__all__ = ["HEAD", "PICTURE_NAMES", "kind_of", "picture_type_of", "type_of"]


def type_of(declared: str, head: bytes) -> str | None:
    """Returns the media type of the video that begins with `head`, None if it isn't one."""
    seen = looks_like_video(head)
    # Many QuickTime files have the brand of an MP4, so a declared QuickTime type wins.
    return "video/quicktime" if seen == "video/mp4" and _declared(declared) == "video/quicktime" else seen


def picture_type_of(head: bytes) -> str | None:
    """Returns the media type of the picture that begins with `head`, None if it isn't one."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES.items() if head.startswith(start)), None)


def kind_of(head: bytes) -> str:
    """Describes a body that isn't a video, in words."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "a file of an unknown kind")
    if head[4:8] == b"ftyp":
        return _STILLS.get(head[8:12], "a picture or a sound file")
    beginning = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return next((words for start, words in _KINDS if beginning.startswith(start)), "a file of an unknown kind")


def _declared(declared: str) -> str:
    return declared.partition(";")[0].strip().lower()
