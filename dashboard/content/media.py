"""Which bodies are videos, and under which type they go on to browsers."""

from dashboard.upstream.video_body import looks_like_video

ALLOWED = frozenset({"video/mp4", "video/webm", "video/quicktime"})
# What object stores and gateways say when they do not know.
UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})

HEAD = 32  # bytes that are enough to tell


def is_believable(declared: str) -> bool:
    """May a body with this Content-Type be a video that we play?"""
    return _declared(declared) in ALLOWED | UNTYPED


def type_of(declared: str, head: bytes) -> str | None:
    """The type of the video that begins with `head`; None when it is none. The bytes have the last word."""
    seen = looks_like_video(head)
    # Many a QuickTime file has the brand of an MP4; who says QuickTime knows better.
    return "video/quicktime" if seen == "video/mp4" and _declared(declared) == "video/quicktime" else seen


def _declared(declared: str) -> str:
    return declared.partition(";")[0].strip().lower()
