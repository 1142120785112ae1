"""Detects the type of a file from its first bytes. Pure."""

from typing import Final

HEAD: Final = 32  # bytes of a file that are enough to detect its type
_STILLS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"M4A ", b"M4B "})


def looks_like_video(head: bytes) -> str | None:
    """Returns the media type from the first bytes of a file (HEAD are enough), None if it is not a video."""
    if head.startswith(b"\x1a\x45\xdf\xa3"):  # EBML: WebM and its parent format Matroska; browsers play both
        return "video/webm"
    brand = head[8:12]
    if head[4:8] != b"ftyp" or len(brand) < 4 or int.from_bytes(head[:4], "big") < 16 or brand in _STILLS:
        return None
    return "video/quicktime" if brand == b"qt  " else "video/mp4"
