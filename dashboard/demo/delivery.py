"""Sends the bytes of a video, whole or as a range, in the ways in which well-behaved servers differ."""

import asyncio
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from aiohttp import web

from dashboard.demo import byte_range, http_writer
from dashboard.demo.byte_range import ByteRange
from dashboard.demo.options import LYING_WORDS
from dashboard.demo.request_log import Entry

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """What will be sent: status, headers, and which bytes of the video. If `length` is None, none is sent."""

    status: int
    headers: dict[str, str]
    byte_range: ByteRange
    length: int | None


@dataclass
class Delivery:
    """The response to one request for the video at `path`. The tests' gateway subclasses it to lie or to break."""

    refused: ClassVar[frozenset[str]] = LYING_WORDS  # options that it doesn't support

    request: web.Request
    path: Path
    options: Mapping[str, str]
    entry: Entry

    async def deliver(self) -> web.StreamResponse:
        try:
            plan = self.plan()
        except byte_range.Unsatisfiable as error:
            beyond = {"Content-Range": f"bytes */{error.size}"}
            return web.Response(status=416, headers=self.headers() | beyond)
        self.entry.status = plan.status
        return await self.send(plan)

    def etag(self) -> str | None:
        """The ETag: strong unless the option `weaketag` is set, and unchanged as long as the video is."""
        if "noetag" in self.options:
            return None
        plain = f'"{self.path.stem}-{self.path.stat().st_size:x}"'
        return f"W/{plain}" if "weaketag" in self.options else plain

    def headers(self) -> dict[str, str]:
        """Returns the headers that every response about this video has."""
        headers = {"Content-Type": "video/mp4"}
        tag = self.etag()
        if tag:
            headers["ETag"] = tag
        if "norange" not in self.options:
            headers["Accept-Ranges"] = "bytes"
        return headers

    def plan(self) -> DeliveryPlan:
        """Raises byte_range.Unsatisfiable."""
        size, headers = self.path.stat().st_size, self.headers()
        tag = headers.get("ETag")
        if tag and self.request.headers.get("If-None-Match") in (tag, "*"):
            return DeliveryPlan(304, headers, ByteRange(0, 0, size), None)
        span = self._wanted(size, tag)
        if span is None:
            return DeliveryPlan(200, headers, ByteRange(0, size, size), size)
        return DeliveryPlan(206, headers | {"Content-Range": span.content_range}, span, span.length)

    def _wanted(self, size: int, tag: str | None) -> ByteRange | None:
        """Returns the range to send as 206, or None for the whole video. Raises byte_range.Unsatisfiable."""
        condition = self.request.headers.get("If-Range")
        stale = condition is not None and (condition != tag or condition.startswith("W/"))
        if "norange" in self.options or stale or self.request.method != "GET":
            return None
        return byte_range.pick(self.request.headers.get("Range"), size)

    async def send(self, plan: DeliveryPlan) -> web.StreamResponse:
        """Sends the plan's headers and body."""
        response = self.open(plan)
        if self.request.method == "HEAD" or plan.status == 304:
            response.content_length = plan.length if self.request.method == "HEAD" else None
            await response.prepare(self.request)
            return response
        await response.prepare(self.request)
        for piece in self.pieces(plan):
            await response.write(piece)
            self.entry.sent += len(piece)
            if "rate" in self.options:
                await asyncio.sleep(0.1)
        return await self.end(response)

    def open(self, plan: DeliveryPlan) -> web.StreamResponse:
        """Returns the response, with its way of marking the end of the body."""
        kind = http_writer.Unbounded if "nolength" in self.options else web.StreamResponse
        response = kind(status=plan.status, headers=plan.headers)
        if "gzip" in self.options:
            response.headers["Content-Encoding"] = "gzip"
        if "nolength" in self.options:
            response.force_close()
        elif "chunked" in self.options or "gzip" in self.options:
            response.enable_chunked_encoding()
        elif plan.status != 304:
            response.content_length = plan.length
        return response

    def pieces(self, plan: DeliveryPlan) -> Iterator[bytes]:
        """Yields the bytes as they are sent."""
        sending = pieces(self.path, plan.byte_range, self._piece_size())
        return squeezed(sending) if "gzip" in self.options else sending

    def _piece_size(self) -> int:
        """Returns how many bytes to send at a time; with `rate`, ten times per second."""
        return max(1, int(float(self.options["rate"]) / 10)) if self.options.get("rate") else CHUNK

    async def end(self, response: web.StreamResponse) -> web.StreamResponse:
        await response.write_eof()
        return response


def pieces(path: Path, span: ByteRange, size: int) -> Iterator[bytes]:
    """Yields the bytes of the range, `size` at a time."""
    with path.open("rb") as video:
        video.seek(span.start)
        left = span.length
        while left > 0 and (piece := video.read(min(size, left))):
            left -= len(piece)
            yield piece


def squeezed(sending: Iterator[bytes]) -> Iterator[bytes]:
    """Yields the pieces as one gzip stream."""
    packer = zlib.compressobj(1, wbits=31)
    for piece in sending:
        yield packer.compress(piece)
    yield packer.flush()
