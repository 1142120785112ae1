"""The response that carries a video: its headers and bytes, with limits for both."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

import httpx
from django.utils.translation import gettext_noop

from dashboard.upstream import http_exchange, values
from dashboard.upstream.error_texts import error_text
from dashboard.upstream.errors import Unavailable
from dashboard.upstream.pace import VIDEO, Pace, PaceMeter

_WITH_BODY: Final = frozenset({200, 206})
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


class Body:
    """An open response for a video, with status 200, 206, 304 or 416. Read it once, inside its context manager.

    `length` is the Content-Length, None if the upstream did not send one. `framed` is False if only the end of the
    connection marks the end of the body, so a truncated body looks complete.
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
        """Yields the bytes in chunks of up to 256 kB.

        Raises Unavailable if the upstream truncates the body, stalls or is too slow, TimedOut if it stalls before the
        first chunk.
        """
        if not self._has_body:
            return
        watch, received = PaceMeter(self._pace, VIDEO), 0
        async with aclosing(http_exchange.raw_chunks(self._response)) as pieces:
            while (piece := await watch.next_of(pieces)) is not None:
                received += len(piece)
                if self.length is not None and received > self.length:
                    raise Unavailable(gettext_noop("The video is longer than announced."))
                yield piece
        if self.length is not None and received < self.length:  # guard: truncated-video-breaks-off
            text = gettext_noop("The video was cut short after %(received)s of %(length)s bytes.")
            raise Unavailable(error_text(text, received=f"{received:,}", length=f"{self.length:,}"))
