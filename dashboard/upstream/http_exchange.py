"""One exchange with the gateway: reads the response within limits, removes the key, and decodes JSON."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from django.utils.translation import gettext_noop

from dashboard import failpoints
from dashboard.upstream import inline_videos, values
from dashboard.upstream.error_texts import error_text
from dashboard.upstream.errors import InvalidResponse, RawAnswer
from dashboard.upstream.inline_videos import InlineVideos
from dashboard.upstream.pace import ANSWER, Pace, PaceMeter
from dashboard.upstream.secret import Secret

JSON_LIMIT: Final = 2_000_000  # bytes of a response
LARGE_LIMIT: Final = 200_000_000  # bytes of a response with embedded videos
LARGE_PACE: Final = Pace(floor=100_000.0)
_LARGE_TURN: Final = threading.Lock()
_TURN_PAUSE: Final = 0.05  # seconds
RAW_LIMIT: Final = 64_000  # bytes of a response that are stored as text
LARGE: Final = 64_000  # bytes; larger bodies are searched for the key in a thread
MAX_RETRY_AFTER: Final = 900.0  # seconds
# Headers of Cloudflare, AWS WAF, Sucuri and DataDome.
CHALLENGES: Final = ("cf-mitigated", "x-amzn-waf-action", "x-sucuri-block", "x-datadome")
_SECONDS: Final = re.compile(r"\s*[0-9]{1,20}(\.[0-9]{1,9})?\s*")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A response, read to its end or to the limit."""

    status: int
    content_type: str  # lowercase, without parameters
    retry_after: float | None  # seconds, 0 to 900
    body: bytes
    error: str  # why the body can't be used, "" if it can
    raw: RawAnswer
    is_challenged: bool = False  # by a proxy in front of the gateway that only lets browsers through

    @property
    def is_html(self) -> bool:
        """Whether this is a web page, whatever its content type."""
        return self.content_type in {"text/html", "application/xhtml+xml"} or self.body[:64].lstrip()[:1] == b"<"

    @property
    def is_block_page(self) -> bool:
        """Whether access to the gateway is blocked: by a challenge, a page that denies access, or a sign-in page."""
        is_refusal = self.status in {401, 403, 407, 503} or b'type="password"' in self.body[:LARGE].lower()
        return self.is_challenged or (self.is_html and is_refusal)

    def document(self) -> object:
        """Returns the decoded JSON. Raises InvalidResponse if the body isn't usable JSON."""
        if self.error:
            raise InvalidResponse(self.error, self.raw)
        try:
            # RFC 8259 forbids a byte order mark but lets a parser ignore it; losing a paid result would be worse.
            document: object = json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InvalidResponse(gettext_noop("The gateway's answer is not valid JSON."), self.raw) from error
        return document

    def document_or_none(self) -> object:
        """Returns the decoded JSON, None if the body isn't usable JSON."""
        try:
            return self.document()
        except InvalidResponse:
            return None


async def read(
    response: httpx.Response,
    secret: Secret | None,
    limit: int = JSON_LIMIT,
    deadline: asyncio.Timeout | None = None,
) -> Exchange:
    """Reads a response of any status, at most `limit` bytes. The caller must close it.

    With a `deadline`, reads more than `limit` as long as the excess is in long texts such as videos. The deadline is
    then removed.
    """
    body, error = b"", ""
    if not is_identity(response):
        error = gettext_noop("The gateway sent a compressed answer that was not asked for.")
    else:
        async with aclosing(raw_chunks(response)) as incoming:
            body = await _up_to(incoming, limit)
            if len(body) > limit and deadline is not None and body.lstrip()[:1] in {b"{", b"["}:
                body = await _rest_of_large(body, incoming, limit, deadline)
            elif inline_videos.has_long_texts(body):
                videos = InlineVideos()
                body = videos.feed(body) + videos.unfinished()
        # Before the body is parsed or truncated, so that no part of the key is left where it is cut.
        body = await _redacted(secret, body)
        failpoints.hit("body_in")
        if len(body) > limit:
            body = body[:limit]
            error = error_text(gettext_noop("The gateway's answer is larger than %(limit)s bytes."), limit=f"{limit:,}")
    kind = media_type(response)
    return Exchange(
        status=response.status_code,
        content_type=kind,
        retry_after=retry_after(response.headers.get("retry-after")),
        body=body,
        error=error,
        raw=RawAnswer(response.status_code, kind, _kept_text(body), datetime.now(UTC)),
        is_challenged=any(name in response.headers for name in CHALLENGES),
    )


async def _rest_of_large(
    begun: bytes, incoming: AsyncGenerator[bytes, None], limit: int, deadline: asyncio.Timeout
) -> bytes:
    """Returns the whole response without its long texts; more than `limit` bytes if it is still too large."""
    deadline.reschedule(None)
    async with _large_turn():
        videos, size = InlineVideos(), len(begun)
        kept = videos.feed(begun)
        watch = PaceMeter(LARGE_PACE, ANSWER)
        while len(kept) <= limit and size <= LARGE_LIMIT and (piece := await watch.next_of(incoming)) is not None:
            size += len(piece)
            kept += videos.feed(piece)
    return kept if size <= LARGE_LIMIT else kept + bytes(limit)


@asynccontextmanager
async def _large_turn() -> AsyncIterator[None]:
    """Allows one large response at a time per process, across event loops, which an asyncio lock can't do."""
    while not _LARGE_TURN.acquire(blocking=False):  # noqa: ASYNC110  # an event belongs to one loop
        await asyncio.sleep(_TURN_PAUSE)
    try:
        yield
    finally:
        _LARGE_TURN.release()


async def _up_to(incoming: AsyncGenerator[bytes, None], limit: int) -> bytes:
    chunks, size = [], 0
    async for chunk in incoming:
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:  # guard: response-size-limit
            break
    return b"".join(chunks)


async def raw_chunks(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """Yields the body undecoded. Also works for a response that was created with its content, as in tests."""
    if response.is_stream_consumed:
        yield response.content
        return
    async for piece in response.aiter_raw():
        yield piece


class _PeekedStream(httpx.AsyncByteStream):
    """A body whose beginning has already been read."""

    def __init__(self, pieces: list[bytes], rest: AsyncGenerator[bytes, None], stream: httpx.AsyncByteStream) -> None:
        self._pieces = pieces
        self._rest = rest
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        async for piece in self._rest:
            yield piece

    async def aclose(self) -> None:
        await self._rest.aclose()
        await self._stream.aclose()


async def peek(response: httpx.Response, size: int) -> bytes:
    """Returns the first `size` bytes of the body, or fewer if it is shorter. They can still be read afterwards."""
    if response.is_stream_consumed:
        return response.content[:size]
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    rest, pieces = _pieces_of(stream), list[bytes]()
    while sum(map(len, pieces)) < size and (piece := await anext(rest, None)) is not None:
        pieces.append(piece)
    response.stream = _PeekedStream(pieces, rest, stream)
    return b"".join(pieces)[:size]


async def _pieces_of(stream: httpx.AsyncByteStream) -> AsyncGenerator[bytes, None]:
    async for piece in stream:
        yield piece


async def _redacted(secret: Secret | None, body: bytes) -> bytes:
    if secret is None:
        return body
    if len(body) > LARGE:
        return await asyncio.to_thread(_removed, secret, body)
    return _removed(secret, body)


def _removed(secret: Secret, body: bytes) -> bytes:
    # Bytes that aren't UTF-8 stay unchanged; they are handled later.
    return secret.redact(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _kept_text(body: bytes) -> str:
    text = values.storable(body[: RAW_LIMIT + 4].decode("utf-8", "replace"))  # a character has up to 4 bytes
    return text.encode()[:RAW_LIMIT].decode("utf-8", "ignore")


def is_identity(response: httpx.Response) -> bool:
    """Returns whether the body has no content coding (RFC 9110, section 8.4)."""
    codings = response.headers.get("content-encoding", "").lower().split(",")
    return all(coding.strip() in {"", "identity"} for coding in codings)


def media_type(response: httpx.Response) -> str:
    """Returns the content type in lowercase without parameters, "" if there is none."""
    return values.text(response.headers.get("content-type", "").partition(";")[0].lower(), 128)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Parses the Retry-After header (RFC 9110, section 10.2.3), which has seconds or an HTTP date.

    Returns seconds from now, 0 to 900; None for anything else.
    """
    if value is None:
        return None
    if _SECONDS.fullmatch(value):
        return min(float(value), MAX_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max((when - (now or datetime.now(UTC))).total_seconds(), 0.0), MAX_RETRY_AFTER)
