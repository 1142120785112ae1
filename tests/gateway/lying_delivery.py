"""Sends a video's bytes with the false headers and interruptions of its options."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from aiohttp import web

from dashboard.demo import http_writer, web_answers
from dashboard.demo.byte_range import ByteRange
from dashboard.demo.delivery import CHUNK, Delivery, DeliveryPlan, pieces
from dashboard.demo.request_log import Entry
from tests.gateway.fake_bodies import FAKE_BODIES

BOUNDARY = "demo-part"


class LyingDelivery(Delivery):
    """Correct unless an option requests anything else."""

    refused: ClassVar[frozenset[str]] = frozenset()

    @property
    def lie(self) -> str:
        return self.options.get("lie", "")

    async def deliver(self) -> web.StreamResponse:
        if "body" in self.options:
            kind, body = FAKE_BODIES.get(self.options["body"], FAKE_BODIES["html"])
            return web_answers.answer(body, 200, kind)
        return await super().deliver()

    def etag(self) -> str | None:
        if self.lie == "etag" and "noetag" not in self.options:
            return f'"{secrets.token_hex(8)}"'
        return super().etag()

    def headers(self) -> dict[str, str]:
        headers = super().headers()
        if "type" in self.options:
            headers["Content-Type"] = self.options["type"] or "application/octet-stream"
        if "cookie" in self.options:
            headers |= {"Set-Cookie": "upstream=1; Path=/", "Cache-Control": "public, max-age=31536000"}
            headers |= {"Content-Security-Policy": "default-src *", "X-Powered-By": "demo"}
        return headers

    def plan(self) -> DeliveryPlan:
        return lied(super().plan(), self.lie)

    async def send(self, plan: DeliveryPlan) -> web.StreamResponse:
        if self.lie == "multipart" and plan.status == 206:
            return multipart(plan, self.path)
        if self.lie == "long" and self.request.method == "GET":
            return await overlong(self.request, plan, self.path, self.entry)
        return await super().send(plan)

    def pieces(self, plan: DeliveryPlan) -> Iterator[bytes]:
        return until_break(super().pieces(plan), self.options)

    async def end(self, response: web.StreamResponse) -> web.StreamResponse:
        """Closes the connection if fewer bytes were sent than promised."""
        if "stall" in self.options:
            await http_writer.for_ever()
        if "reset" in self.options:
            await http_writer.reset(self.request)
        elif "cut" in self.options or self.lie == "short":
            await http_writer.close(self.request)
        else:
            return await super().end(response)
        return http_writer.Spent()


def lied(plan: DeliveryPlan, lie: str) -> DeliveryPlan:
    """Returns the plan with the false headers of `lie`, if it concerns headers."""
    span, headers, size = plan.byte_range, dict(plan.headers), plan.byte_range.size
    if lie == "unasked206" and plan.status == 200:
        return DeliveryPlan(206, headers | {"Content-Range": span.content_range}, span, plan.length)
    if lie == "short" and plan.length:
        return DeliveryPlan(
            plan.status, headers, ByteRange(span.start, max(span.start, span.stop - 1000), size), plan.length
        )
    if lie == "long" and plan.length:
        return DeliveryPlan(plan.status, headers, span, max(1, plan.length - 1000))
    if plan.status != 206:
        return plan
    if lie == "wrong-range":
        shift = -1 if span.start else 1
        headers["Content-Range"] = ByteRange(span.start + shift, min(span.stop + shift, size), size).content_range
    if lie == "wrong-total":
        headers["Content-Range"] = ByteRange(span.start, span.stop, size + 4096).content_range
    if lie == "no-content-range":
        del headers["Content-Range"]
    return DeliveryPlan(206, headers, span, plan.length)


def until_break(sending: Iterator[bytes], options: Mapping[str, str]) -> Iterator[bytes]:
    """Yields the pieces up to the byte of `cut`, `reset` or `stall`; all of them without these options."""
    limit = next((int(float(options[word] or 0)) for word in ("cut", "reset", "stall") if word in options), None)
    for piece in sending:
        if limit is None:
            yield piece
        elif limit > 0:
            yield piece[:limit]
            limit -= len(piece[:limit])
        else:
            return


def multipart(plan: DeliveryPlan, path: Path) -> web.Response:
    """Returns the requested range as multipart/byteranges."""
    body = b"".join(pieces(path, plan.byte_range, CHUNK))
    part = f"--{BOUNDARY}\r\nContent-Type: video/mp4\r\nContent-Range: {plan.byte_range.content_range}\r\n\r\n"
    headers = {name: value for name, value in plan.headers.items() if name != "Content-Range"}
    headers["Content-Type"] = f"multipart/byteranges; boundary={BOUNDARY}"
    return web.Response(body=part.encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode(), status=206, headers=headers)


async def overlong(request: web.Request, plan: DeliveryPlan, path: Path, entry: Entry) -> web.StreamResponse:
    """Sends more bytes than the headers promise: the extra bytes look like a broken second response."""
    headers = [*plan.headers.items(), ("Content-Length", str(plan.length))]
    await http_writer.send(request, http_writer.head(plan.status, headers))
    for piece in pieces(path, plan.byte_range, CHUNK):
        await http_writer.send(request, piece)
        entry.sent += len(piece)
    await http_writer.close(request)
    return http_writer.Spent()
