"""Content-Disposition (RFC 6266), with file names that are safe for file systems and not misleading to readers."""

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

# Path separators and characters that Windows forbids in names; some browsers would decode `%` in the plain form.
FORBIDDEN = re.compile(r'[/\\:*?"<>|%]+')
PLAIN = re.compile(r"[^A-Za-z0-9 ._()+,=-]+")


def disposition(title: str, media_type: str, *, download: bool) -> str:
    """Returns the `Content-Disposition` of a video with this title."""
    extension = EXTENSIONS[media_type]
    name = _fitting(title, extension)
    plain = PLAIN.sub("_", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()).strip(" ._")
    kind = "attachment" if download else "inline"
    # Both forms: browsers that support `filename*` prefer it (RFC 6266 section 4.3).
    encoded = quote(name + extension, safe="")
    return f"{kind}; filename=\"{plain or 'video'}{extension}\"; filename*=UTF-8''{encoded}"


def _fitting(title: str, extension: str) -> str:
    # Removes format (Cf, such as bidirectional marks) and surrogate (Cs) characters; Cc, Zl and Zp become spaces.
    text = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in unicodedata.normalize("NFC", title[:1_000])
        if unicodedata.category(sign) not in ("Cf", "Cs")
    )
    name = " ".join(FORBIDDEN.sub("_", text).split()).removesuffix(extension)[: LIMIT - len(extension)]
    while len(name.encode()) > BYTES - len(extension):
        name = name[:-1]
    return name.strip(" .") or "video"
