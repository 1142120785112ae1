"""Videos that are embedded in an answer, as base64 in a JSON string. Pure.

Such an answer may be too large for memory, so it is filtered while it arrives: long strings are cut out, and each video
is replaced by a placeholder URL, `inline:1`, `inline:2`, in the order of the answer. To play a video, the answer is
requested again, and only that string is decoded.
"""

import base64
import binascii
import re
from typing import Final

from django.utils.translation import gettext_noop

from dashboard.upstream.file_signatures import HEAD, looks_like_video

LONG: Final = 100_000  # bytes: longer strings are cut out
SHORTEST: Final = 200  # bytes: shorter strings are never a video
LEFT_OUT: Final = b"(a long text was left out)"
BEGINNINGS: Final = (b"AAAA", b"GkXf")  # of the base64 of an MP4 and of a WebM
ADDRESS: Final = re.compile(r"inline:([0-9]{1,3})")
_STOP: Final = re.compile(rb'["\\]')
_ESCAPE: Final = re.compile(rb'\\(?:u00([0-9a-fA-F]{2})|([/\\"])|[nrtbf])')
_NO_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")
_DATA_URL: Final = re.compile(rb"data:[^,]{0,200};base64,", re.IGNORECASE)


class BrokenVideo(ValueError):
    """The embedded video is not valid base64."""


class InlineVideos:
    """An incremental filter: `feed` takes the next bytes of the answer and returns them without long strings.

    `take` returns the bytes of the video at `wanted`, counted from 1.
    """

    def __init__(self, wanted: int = 0) -> None:
        self.count = 0
        self._wanted = wanted
        self._is_in_text = False
        self._is_escaped = False
        self._text = bytearray()
        self._is_cut = False  # the current string is too long to keep
        self._is_taken = False  # the current string is the wanted video
        self._encoded = bytearray()
        self.is_past_wanted = False

    def feed(self, piece: bytes) -> bytes:
        kept, position = bytearray(), 0
        while position < len(piece):
            if not self._is_in_text:
                end = piece.find(b'"', position) + 1 or len(piece)
                kept += piece[position:end]
                self._is_in_text = piece[end - 1 : end] == b'"'
                position = end
            elif self._is_escaped:
                self._add(piece[position : position + 1])
                self._is_escaped, position = False, position + 1
            else:
                position = self._in_text(piece, position, kept)
        return bytes(kept)

    def unfinished(self) -> bytes:
        """Returns what has arrived of an unfinished string, b"" if it was cut out."""
        return b"" if self._is_cut else bytes(self._text)

    def _in_text(self, piece: bytes, position: int, kept: bytearray) -> int:
        stop = _STOP.search(piece, position)
        self._add(piece[position : stop.start() if stop else len(piece)])
        if stop is None:
            return len(piece)
        if stop[0] == b"\\":
            self._add(b"\\")
            self._is_escaped = True
        else:
            kept += self._end() + b'"'
        return stop.end()

    def _add(self, part: bytes) -> None:
        if self._is_taken:
            self._encoded += part
        elif not self._is_cut:
            self._text += part
            if len(self._text) > LONG:
                self._is_cut = True
                self._begin_video()

    def _begin_video(self) -> bool:
        head = _without_data_url(bytes(self._text[:1_000]))
        if not _begins_video(head):
            return False
        self.count += 1
        self._is_taken = self.count == self._wanted
        if self._is_taken:
            self._encoded += _without_data_url(bytes(self._text))
        self._text = bytearray(b"inline:%d" % self.count)
        return True

    def _end(self) -> bytes:
        if not self._is_cut and len(self._text) >= SHORTEST:
            self._begin_video()
        found = bytes(self._text)
        if self._is_cut and not found.startswith(b"inline:"):
            found = LEFT_OUT
        self._text.clear()
        self.is_past_wanted |= self._is_taken
        self._is_in_text = self._is_cut = self._is_taken = False
        return found

    def take(self, *, at_end: bool = False) -> bytes:
        """Returns the bytes of the wanted video decoded since the last call. Raises BrokenVideo."""
        # The end of the data so far may be in the middle of an escape.
        cut = len(self._encoded) if at_end else max(0, len(self._encoded) - 6)
        cut -= 0 if at_end else _open_escape(self._encoded, cut)
        clean = _ESCAPE.sub(_unescaped, bytes(self._encoded[:cut])).translate(bytes.maketrans(b"-_", b"+/"))
        clean = _NO_BASE64.sub(b"", clean)
        whole = len(clean) if at_end else len(clean) - len(clean) % 4
        self._encoded[:cut] = clean[whole:]
        missing = -whole % 4 if at_end else 0
        try:
            return base64.b64decode(clean[:whole] + b"=" * missing)
        except binascii.Error as error:
            raise BrokenVideo(gettext_noop("The video inside of the answer is broken.")) from error


def has_long_texts(body: bytes) -> bool:
    """Returns whether an answer may contain an embedded video or another long string."""
    return len(body) > LONG or (len(body) > SHORTEST and any(beginning in body for beginning in BEGINNINGS))


def address_in(text: str) -> str:
    """Returns the placeholder URL of an inline video, "" for any other text."""
    found = ADDRESS.fullmatch(text.strip())
    return found[0] if found else ""


def index_of(address: str) -> int | None:
    """Returns the number of the inline video, counted from 1; None if this isn't a placeholder URL."""
    found = ADDRESS.fullmatch(address)
    return int(found[1]) if found else None


def _without_data_url(text: bytes) -> bytes:
    return _DATA_URL.sub(b"", text.replace(b"\\/", b"/"), count=1)


def _begins_video(encoded: bytes) -> bool:
    clean = _NO_BASE64.sub(b"", _ESCAPE.sub(_unescaped, encoded))[:64]
    if not clean.startswith(BEGINNINGS):
        return False
    try:
        return looks_like_video(base64.b64decode(clean[: len(clean) // 4 * 4])[:HEAD]) is not None
    except binascii.Error:
        return False


def _unescaped(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes([int(escape[1], 16)])
    return escape[2] or b""


def _open_escape(encoded: bytearray, cut: int) -> int:
    """Returns how many bytes before `cut` belong to an escape that may end after it."""
    start = encoded.rfind(b"\\", max(0, cut - 6), cut)
    return cut - start if start >= 0 else 0
