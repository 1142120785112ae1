"""The name a video is saved under: RFC 6266, with nothing in it that a file system or a reader could trip over."""

import re
import unicodedata
from urllib.parse import quote

EXTENSIONS = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "image/gif": ".gif",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
}
LIMIT = 120  # characters, extension included
BYTES = 240  # of UTF-8: file systems allow 255

# Separators, and what Windows allows in no name; `%` would be decoded by some browsers in the plain form.
FORBIDDEN = re.compile(r'[/\\:*?"<>|%]+')
PLAIN = re.compile(r"[^A-Za-z0-9 ._()+,=-]+")


def disposition(title: str, media_type: str, *, download: bool) -> str:
    """The `Content-Disposition` of a video that people call `title`."""
    extension = EXTENSIONS[media_type]
    name = _fitting(title, extension)
    plain = PLAIN.sub("_", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()).strip(" ._")
    kind = "attachment" if download else "inline"
    # Both forms: a browser that knows `filename*` prefers it (RFC 6266 section 4.3).
    encoded = quote(name + extension, safe="")
    return f"{kind}; filename=\"{plain or 'video'}{extension}\"; filename*=UTF-8''{encoded}"


def _fitting(title: str, extension: str) -> str:
    # Control (Cc), format (Cf: the marks that turn text round), surrogate (Cs) and line separators go.
    text = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in unicodedata.normalize("NFC", title[:1_000])
        if unicodedata.category(sign) not in ("Cf", "Cs")
    )
    name = " ".join(FORBIDDEN.sub("_", text).split()).removesuffix(extension)[: LIMIT - len(extension)]
    while len(name.encode()) > BYTES - len(extension):
        name = name[:-1]
    return name.strip(" .") or "video"
