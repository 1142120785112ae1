"""Detects which bodies are videos, and their media type for browsers, from the bytes rather than the headers."""

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.upstream.file_signatures import HEAD, looks_like_video

_UNKNOWN: Final = gettext_noop("The file is a file of an unknown kind, not a video.")
# Other content that is sent in place of a video, by its first bytes.
_KINDS: Final = (
    (b"GIF8", gettext_noop("The file is an animated picture (GIF), not a video.")),
    (b"\x89PNG", gettext_noop("The file is a picture (PNG), not a video.")),
    (b"\xff\xd8\xff", gettext_noop("The file is a picture (JPEG), not a video.")),
    (b"#EXTM3U", gettext_noop("The file is a playlist (HLS), not a video.")),
    (b"PK\x03\x04", gettext_noop("The file is an archive (ZIP), not a video.")),
    (b"ID3", gettext_noop("The file is a sound file (MP3), not a video.")),
    (b"fLaC", gettext_noop("The file is a sound file (FLAC), not a video.")),
    (b"FLV", gettext_noop("The file is a video in a format that browsers do not play (FLV), not a video.")),
    (
        b"\x00\x00\x01\xba",
        gettext_noop("The file is a video in a format that browsers do not play (MPEG), not a video."),
    ),
    (b"<", gettext_noop("The file is a web page, not a video.")),
    (b"{", gettext_noop("The file is an answer in JSON, not a video.")),
    (b"[", gettext_noop("The file is an answer in JSON, not a video.")),
)
_RIFF: Final = {
    b"WEBP": gettext_noop("The file is a picture (WebP), not a video."),
    b"WAVE": gettext_noop("The file is a sound file (WAV), not a video."),
    b"AVI ": gettext_noop("The file is a video in a format that browsers do not play (AVI), not a video."),
}
_STILLS: Final = {
    b"avif": gettext_noop("The file is a picture (AVIF), not a video."),
    b"avis": gettext_noop("The file is an animated picture (AVIF), not a video."),
    b"M4A ": gettext_noop("The file is a sound file (M4A), not a video."),
}

# Pictures are harmless, and were paid for, so they are saved and offered as a download.
_PICTURES: Final = {b"GIF8": "image/gif", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
PICTURE_PROBLEMS: Final = {
    "image/gif": gettext_noop("The file is an animated picture (GIF), not a video."),
    "image/png": gettext_noop("The file is a picture (PNG), not a video."),
    "image/jpeg": gettext_noop("The file is a picture (JPEG), not a video."),
    "image/webp": gettext_noop("The file is a picture (WebP), not a video."),
}

__all__ = ["HEAD", "PICTURE_PROBLEMS", "picture_type_of", "problem_of", "type_of"]


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


def problem_of(head: bytes) -> str:
    """Says in English what a body is that isn't a video."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], _UNKNOWN)
    if head[4:8] == b"ftyp":
        return _STILLS.get(head[8:12], gettext_noop("The file is a picture or a sound file, not a video."))
    beginning = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return next((words for start, words in _KINDS if beginning.startswith(start)), _UNKNOWN)


def _declared(declared: str) -> str:
    return declared.partition(";")[0].strip().lower()
