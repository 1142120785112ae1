"""Sends a video's bytes: truthfully, by range, or with one of the lies and breaks that its options ask for."""

import asyncio
import secrets
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from dashboard.demo import byte_range, http_writer
from dashboard.demo.byte_range import Span
from dashboard.demo.request_log import Entry

CHUNK = 256 * 1024
BOUNDARY = "demo-part"


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent: status, headers, and which bytes of the video. `length` None = tell none."""

    status: int
    headers: dict[str, str]
    span: Span
    length: int | None


def etag(path: Path, options: Mapping[str, str]) -> str | None:
    """The video's ETag: strong, and the same for as long as the video is."""
    if "noetag" in options:
        return None
    if options.get("lie") == "etag":
        return f'"{secrets.token_hex(8)}"'
    plain = f'"{path.stem}-{path.stat().st_size:x}"'
    return f"W/{plain}" if "weaketag" in options else plain


def base_headers(path: Path, options: Mapping[str, str]) -> dict[str, str]:
    """The headers that every answer about this video carries."""
    headers = {"Content-Type": options.get("type") or ("video/mp4" if "type" not in options else "")}
    tag = etag(path, options)
    if tag:
        headers["ETag"] = tag
    if "norange" not in options:
        headers["Accept-Ranges"] = "bytes"
    if "cookie" in options:
        headers |= {"Set-Cookie": "upstream=1; Path=/", "Cache-Control": "public, max-age=31536000"}
        headers |= {"Content-Security-Policy": "default-src *", "X-Powered-By": "demo"}
    if not headers["Content-Type"]:
        headers["Content-Type"] = "application/octet-stream"
    return headers


def wanted(request: web.Request, size: int, tag: str | None, options: Mapping[str, str]) -> Span | None:
    """The span to send as 206, None = the whole. Raises ranges.Unsatisfiable."""
    condition = request.headers.get("If-Range")
    stale = condition is not None and (condition != tag or condition.startswith("W/"))
    if "norange" in options or stale or request.method != "GET":
        return None
    return byte_range.pick(request.headers.get("Range"), size)


def make_plan(request: web.Request, path: Path, options: Mapping[str, str]) -> Plan:
    """Decide on the answer, before any lie. Raises ranges.Unsatisfiable."""
    size, headers = path.stat().st_size, base_headers(path, options)
    tag = headers.get("ETag")
    whole = Span(0, size, size)
    if tag and request.headers.get("If-None-Match") in (tag, "*"):
        return Plan(304, headers, Span(0, 0, size), None)
    span = wanted(request, size, tag, options)
    if span is None:
        return Plan(200, headers, whole, size)
    return Plan(206, headers | {"Content-Range": span.content_range}, span, span.length)


def lied(plan: Plan, lie: str) -> Plan:
    """The plan with its lie told, as far as headers tell it."""
    span, headers, size = plan.span, dict(plan.headers), plan.span.size
    if lie == "unasked206" and plan.status == 200:
        return Plan(206, headers | {"Content-Range": span.content_range}, span, plan.length)
    if lie == "short" and plan.length:
        return Plan(plan.status, headers, Span(span.start, max(span.start, span.stop - 1000), size), plan.length)
    if lie == "long" and plan.length:
        return Plan(plan.status, headers, span, max(1, plan.length - 1000))
    if plan.status != 206:
        return plan
    if lie == "wrong-range":
        shift = -1 if span.start else 1
        headers["Content-Range"] = Span(span.start + shift, min(span.stop + shift, size), size).content_range
    if lie == "wrong-total":
        headers["Content-Range"] = Span(span.start, span.stop, size + 4096).content_range
    if lie == "no-content-range":
        del headers["Content-Range"]
    return Plan(206, headers, span, plan.length)


async def deliver(request: web.Request, path: Path, options: Mapping[str, str], entry: Entry) -> web.StreamResponse:
    """Answer with the video at `path`."""
    try:
        plan = lied(make_plan(request, path, options), options.get("lie", ""))
    except byte_range.Unsatisfiable as error:
        beyond = {"Content-Range": f"bytes */{error.size}"}
        return web.Response(status=416, headers=base_headers(path, options) | beyond)
    entry.status = plan.status
    if options.get("lie") == "multipart" and plan.status == 206:
        return multipart(plan, path)
    if options.get("lie") == "long" and request.method == "GET":
        return await overlong(request, plan, path, entry)
    return await stream(request, plan, path, options, entry)


async def stream(
    request: web.Request, plan: Plan, path: Path, options: Mapping[str, str], entry: Entry
) -> web.StreamResponse:
    """Send the plan's head and body."""
    response = opened(plan, options)
    if request.method == "HEAD" or plan.status == 304:
        response.content_length = plan.length if request.method == "HEAD" else None
        await response.prepare(request)
        return response
    await response.prepare(request)
    sending = pieces(path, plan.span, paced(options))
    if "gzip" in options:
        sending = squeezed(sending)
    for piece in until_break(sending, options):
        await response.write(piece)
        entry.sent += len(piece)
        if "rate" in options:
            await asyncio.sleep(0.1)
    return await ended(request, response, plan, options)


def opened(plan: Plan, options: Mapping[str, str]) -> web.StreamResponse:
    """The response with its way of telling where the body ends."""
    kind = http_writer.Unbounded if "nolength" in options else web.StreamResponse
    response = kind(status=plan.status, headers=plan.headers)
    if "gzip" in options:
        response.headers["Content-Encoding"] = "gzip"
    if "nolength" in options:
        response.force_close()
    elif "chunked" in options or "gzip" in options:
        response.enable_chunked_encoding()
    elif plan.status != 304:
        response.content_length = plan.length
    return response


async def ended(
    request: web.Request, response: web.StreamResponse, plan: Plan, options: Mapping[str, str]
) -> web.StreamResponse:
    """End the body in the way the options ask for; a promise of more bytes than were sent ends in a close."""
    if "stall" in options:
        await http_writer.for_ever()
    if "reset" in options:
        await http_writer.reset(request)
    elif "cut" in options or options.get("lie") == "short":
        await http_writer.close(request)
    else:
        await response.write_eof()
        return response
    return http_writer.Spent()


def paced(options: Mapping[str, str]) -> int:
    """How many bytes to send at a time; with `rate`, ten times a second."""
    return max(1, int(float(options["rate"]) / 10)) if options.get("rate") else CHUNK


def pieces(path: Path, span: Span, size: int) -> Iterator[bytes]:
    """The span's bytes, `size` at a time."""
    with path.open("rb") as video:
        video.seek(span.start)
        left = span.length
        while left > 0 and (piece := video.read(min(size, left))):
            left -= len(piece)
            yield piece


def until_break(sending: Iterator[bytes], options: Mapping[str, str]) -> Iterator[bytes]:
    """The pieces up to the byte at which `cut`, `reset` or `stall` strikes; all of them without these."""
    limit = next((int(float(options[word] or 0)) for word in ("cut", "reset", "stall") if word in options), None)
    for piece in sending:
        if limit is None:
            yield piece
        elif limit > 0:
            yield piece[:limit]
            limit -= len(piece[:limit])
        else:
            return


def squeezed(sending: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces as one gzip stream."""
    packer = zlib.compressobj(1, wbits=31)
    for piece in sending:
        yield packer.compress(piece)
    yield packer.flush()


def multipart(plan: Plan, path: Path) -> web.Response:
    """The one range that was asked for, wrapped as multipart/byteranges."""
    body = b"".join(pieces(path, plan.span, CHUNK))
    part = f"--{BOUNDARY}\r\nContent-Type: video/mp4\r\nContent-Range: {plan.span.content_range}\r\n\r\n"
    headers = {name: value for name, value in plan.headers.items() if name != "Content-Range"}
    headers["Content-Type"] = f"multipart/byteranges; boundary={BOUNDARY}"
    return web.Response(body=part.encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode(), status=206, headers=headers)


async def overlong(request: web.Request, plan: Plan, path: Path, entry: Entry) -> web.StreamResponse:
    """More bytes than the head promises: what comes after them is a broken second answer."""
    headers = [*plan.headers.items(), ("Content-Length", str(plan.length))]
    await http_writer.send(request, http_writer.head(plan.status, headers))
    for piece in pieces(path, plan.span, CHUNK):
        await http_writer.send(request, piece)
        entry.sent += len(piece)
    await http_writer.close(request)
    return http_writer.Spent()
