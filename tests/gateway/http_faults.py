"""Faults that replace the response or break HTTP: name -> what to send instead of the correct document."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from dashboard.demo import error_responses, http_writer
from dashboard.demo.dialects import Json
from dashboard.demo.web_answers import BAD_GATEWAY, INDEX_PAGE, JSON, answer
from tests.gateway.faults import Fault

Breaker = Callable[[web.Request, Fault, Json], Awaitable[web.StreamResponse]]

HUGE = 50 * 1024 * 1024


def http(fault: Fault, status: int) -> web.Response:
    """`http-<status>`; settings: body (text), type, retry_after (text; `date` = an HTTP date, `seconds` ahead)."""
    body = fault.settings.get("body")
    empty = status in (204, 304) or (status == 429 and body is None)
    text = "" if empty else json.dumps(error_responses.by_status(status)) if body is None else str(body)
    response = answer(text, status, fault.text("type", JSON))
    after = fault.settings.get("retry_after")
    if after == "date":
        after = formatdate(time.time() + fault.number_of("seconds", 30), usegmt=True)
    if after is not None:
        response.headers["Retry-After"] = str(after)
    return response


def fixed(body: bytes | str, status: int = 200, kind: str = JSON, **headers: str) -> Breaker:
    """Returns a fault with a fixed response."""

    async def send(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
        return answer(body, status, kind, **headers)

    return send


def reworked(change: Callable[[bytes], bytes]) -> Breaker:
    """Returns a fault that corrupts the bytes of the correct response."""

    async def send(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
        return answer(change(json.dumps(document).encode()))

    return send


def redirect(default: str) -> Breaker:
    """Returns a fault that redirects the client; setting: location."""

    async def send(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
        return answer("", 302, Location=fault.text("location", default or str(request.url)))

    return send


def raw(pieces: Callable[[Fault, bytes], AsyncIterator[bytes]], *, broken: bool = False) -> Breaker:
    """Returns a fault that writes bytes directly to the connection, then closes it, or resets it if `broken`."""

    async def send(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
        async for piece in pieces(fault, json.dumps(document).encode()):
            await http_writer.send(request, piece)
        await (http_writer.reset(request) if broken else http_writer.close(request))
        return http_writer.Spent()

    return send


def typed(length: int | str) -> bytes:
    """Returns the head of a JSON response with this Content-Length."""
    return http_writer.head(200, [("Content-Type", JSON), ("Content-Length", str(length))])


async def nothing(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    """Sends not a single byte."""
    yield b""


async def half_head(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    yield typed(len(body))[:40]


async def half_body(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    yield typed(len(body)) + body[: len(body) // 2]


async def silence(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    await http_writer.for_ever()
    yield b""


async def stalled(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    yield typed(len(body)) + body[: len(body) // 2]
    await http_writer.for_ever()


async def slow_headers(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    for byte in typed(len(body)):
        yield bytes([byte])
        await asyncio.sleep(fault.number_of("every", 0.4))
    yield body


async def drip(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    yield typed(len(body))
    for byte in body:
        yield bytes([byte])
        await asyncio.sleep(fault.number_of("every", 0.4))


async def endless(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    yield http_writer.head(200, [("Content-Type", JSON), ("Connection", "close")]) + b'{"task_id": "'
    while True:
        yield b"x" * 65536
        await asyncio.sleep(0)


async def conflicting(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    lengths = [("Content-Length", str(len(body))), ("Content-Length", str(len(body) + 7))]
    yield http_writer.head(200, [("Content-Type", JSON), *lengths]) + body


async def big_header(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    headers = [("X-Padding", "x" * 200_000), ("Content-Length", str(len(body)))]
    yield http_writer.head(200, [("Content-Type", JSON), *headers]) + body


async def many_headers(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    headers = [(f"X-Padding-{number}", "x") for number in range(1_500)]
    yield http_writer.head(200, [("Content-Type", JSON), *headers, ("Content-Length", str(len(body)))]) + body


async def garbage(fault: Fault, body: bytes) -> AsyncIterator[bytes]:
    yield b"\x16\x03\x01 this is not HTTP\r\n\r\n"


async def echo_key(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
    """A refusal that repeats the key of the request, as some gateways do."""
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    said = error_responses.envelope(f"Incorrect API key provided: {secret}.", "invalid_api_key")
    return answer(json.dumps(said), int(fault.number_of("status", 401)))


async def gzip_bomb(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
    packed = gzip.compress(b'{"task_id": "' + b"x" * HUGE + b'"}', 9)
    return answer(packed, Content_Encoding="gzip")


async def huge_json(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
    return answer(json.dumps(document | {"padding": "x" * HUGE}))


async def huge_list(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
    return answer(json.dumps(document | {"padding": ["x" * 1_000] * (HUGE // 1_000)}))


WIRE: dict[str, Breaker] = {
    "html-200": fixed(INDEX_PAGE, 200, "text/html; charset=utf-8"),
    "bad-gateway-html": fixed(BAD_GATEWAY, 502, "text/html"),
    "empty-200": fixed(""),
    "accepted-202": fixed("", 202),
    "no-content-204": fixed("", 204),
    "text-200": fixed("ok", 200, "text/plain"),
    "list-json": fixed("[]"),
    "null-json": fixed("null"),
    "deep-json": fixed("[" * 100_000 + "]" * 100_000),
    "huge-json": huge_json,
    "huge-list": huge_list,
    "gzip-bomb": gzip_bomb,
    "gzip-json": fixed(gzip.compress(b'{"status": "completed"}'), Content_Encoding="gzip"),
    "truncated-json": reworked(lambda body: body[: len(body) * 2 // 3]),
    "bad-utf8": reworked(lambda body: body[:-1] + b', "note": "\xff\xfe"}'),
    "nul-json": reworked(lambda body: body + b"\x00"),
    "bom-json": reworked(lambda body: b"\xef\xbb\xbf" + body),
    "duplicate-keys": reworked(lambda body: b'{"status": "failed", ' + body[1:]),
    "echo-key": echo_key,
    "redirect-private": redirect("http://169.254.169.254/latest/meta-data/"),
    "redirect-loop": redirect(""),
    "close": raw(nothing),
    "reset-headers": raw(half_head, broken=True),
    "reset-body": raw(half_body, broken=True),
    "cut-body": raw(half_body),
    "silent": raw(silence),
    "stalled-body": raw(stalled),
    "slow-headers": raw(slow_headers),
    "drip": raw(drip),
    "endless-json": raw(endless),
    "conflicting-lengths": raw(conflicting),
    "big-header": raw(big_header),
    "many-headers": raw(many_headers),
    "garbage": raw(garbage),
}


def known(name: str) -> bool:
    """Whether `http_faults.send` supports this fault."""
    return name in WIRE or http_status(name) is not None


def http_status(name: str) -> int | None:
    """Returns 503 for `http-503`; None for any other name."""
    code = name.removeprefix("http-")
    return int(code) if code != name and code.isdigit() and 200 <= int(code) <= 599 else None


async def send(request: web.Request, fault: Fault, document: Json) -> web.StreamResponse:
    """Responds with the fault instead of `document`."""
    status = http_status(fault.name)
    return http(fault, status) if status is not None else await WIRE[fault.name](request, fault, document)
