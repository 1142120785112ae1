"""A video as it arrives: headers and bytes, with limits for both."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import httpx

from dashboard.upstream import http_exchange, values
from dashboard.upstream.errors import TimedOut, Unavailable

_WITH_BODY: Final = frozenset({200, 206})
_DIGITS: Final = re.compile(r"[0-9]{1,18}")
HEAD: Final = 32  # bytes of a file that are enough to tell what it is
_STILLS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"M4A ", b"M4B "})


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow an upstream may be. All in seconds, and bytes per second."""

    first: float = 15.0  # until the first byte
    idle: float = 30.0  # between two pieces
    floor: float = 8_000.0  # the least rate ...
    window: float = 60.0  # ... over this much waiting; waiting for a slow reader is not waiting for the upstream


class Body:
    """An opened video answer, status 200, 206, 304 or 416, to be read once and only inside its context manager.

    `length` is the Content-Length, None when the upstream did not say; `framed` is False when the end of the body is
    nothing but the end of the connection, so that a body cut short looks complete.
    """

    def __init__(self, response: httpx.Response, *, pace: Pace | None = None) -> None:
        headers = response.headers
        declared = headers.get("content-length", "").strip()
        self.status = response.status_code
        self.length = int(declared) if _DIGITS.fullmatch(declared) else None
        self.framed = self.length is not None or "chunked" in headers.get("transfer-encoding", "").lower()
        self.content_range: str | None = headers.get("content-range")
        self.content_type = values.text(headers.get("content-type", ""), 255)
        self.etag: str | None = headers.get("etag")
        self._response = response
        self._has_body = self.status in _WITH_BODY
        self._pace = pace or Pace()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, in pieces of up to 256 kB. Raises Unavailable when the upstream cuts the body short or stalls."""
        if not self._has_body:
            return
        watch, received = _PaceMeter(self._pace), 0
        async with aclosing(http_exchange.raw_chunks(self._response)) as pieces:
            while (piece := await watch.next_of(pieces)) is not None:
                received += len(piece)
                if self.length is not None and received > self.length:
                    raise Unavailable("The video is longer than announced.")
                yield piece
        if self.length is not None and received < self.length:  # guard: truncated-video-breaks-off
            raise Unavailable(f"The video was cut short after {received:,} of {self.length:,} bytes.")


class _PaceMeter:
    """Counts the time spent waiting for the upstream, and what came in it."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._began = False
        self._waited = 0.0
        self._size = 0

    async def next_of(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """The next piece, None at the end. Raises TimedOut before the first, Unavailable after it."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.timeout(self._pace.idle if self._began else self._pace.first):
                piece = await anext(pieces, None)
        except TimeoutError as error:
            kind = Unavailable if self._began else TimedOut
            raise kind("The video stalled.") from error
        except httpx.HTTPError as error:
            raise Unavailable("The connection to the video broke.") from error
        self._began = True
        self._count(len(piece or b""), loop.time() - start)
        return piece

    def _count(self, size: int, waited: float) -> None:
        self._size += size
        self._waited += waited
        if self._waited < self._pace.window:
            return
        if self._size < self._pace.floor * self._waited:
            raise Unavailable("The video came too slowly.")
        self._size, self._waited = 0, 0.0


def looks_like_video(head: bytes) -> str | None:
    """The media type by the first bytes of a file (HEAD are enough), None for what is no video."""
    if head.startswith(b"\x1a\x45\xdf\xa3"):  # EBML: WebM and its parent Matroska, which browsers play alike
        return "video/webm"
    brand = head[8:12]
    if head[4:8] != b"ftyp" or len(brand) < 4 or int.from_bytes(head[:4], "big") < 16 or brand in _STILLS:
        return None
    return "video/quicktime" if brand == b"qt  " else "video/mp4"
