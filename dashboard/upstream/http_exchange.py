"""One exchange with the gateway: its answer read within bounds, kept as text without the key, decoded as JSON."""

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

from dashboard import failpoints
from dashboard.upstream import inline_videos, values
from dashboard.upstream.errors import InvalidResponse, RawAnswer
from dashboard.upstream.inline_videos import InlineVideos
from dashboard.upstream.pace import Pace, PaceMeter
from dashboard.upstream.secret import Secret

JSON_LIMIT: Final = 2_000_000  # bytes of an answer
LARGE_LIMIT: Final = 200_000_000  # bytes of one in which videos stand
LARGE_PACE: Final = Pace(floor=100_000.0)
_LARGE_TURN: Final = threading.Lock()
_TURN_PAUSE: Final = 0.05  # seconds
RAW_LIMIT: Final = 64_000  # bytes of text kept of it
LARGE: Final = 64_000  # bytes; the key is looked for in a thread where there are more of them
MAX_RETRY_AFTER: Final = 900.0  # seconds
# Of Cloudflare, AWS WAF, Sucuri and DataDome.
CHALLENGES: Final = ("cf-mitigated", "x-amzn-waf-action", "x-sucuri-block", "x-datadome")
_SECONDS: Final = re.compile(r"\s*[0-9]{1,20}(\.[0-9]{1,9})?\s*")


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer read to its end, or to the limit."""

    status: int
    content_type: str  # lower case, without parameters
    retry_after: float | None  # seconds, 0 to 900
    body: bytes
    error: str  # why the body cannot be used, "" when it can
    raw: RawAnswer
    is_challenged: bool = False  # by what stands before the gateway, and lets browsers through only

    @property
    def is_html(self) -> bool:
        """Whether this is a web page, whatever it calls itself."""
        return self.content_type in {"text/html", "application/xhtml+xml"} or self.body[:64].lstrip()[:1] == b"<"

    @property
    def is_block_page(self) -> bool:
        """Whether the way to the gateway is barred: by a challenge, a web page that refuses, or one to sign in at."""
        is_refusal = self.status in {401, 403, 407, 503} or b'type="password"' in self.body[:LARGE].lower()
        return self.is_challenged or (self.is_html and is_refusal)

    def document(self) -> object:
        """The JSON inside. Raises InvalidResponse for everything else."""
        if self.error:
            raise InvalidResponse(self.error, self.raw)
        try:
            # A byte order mark is against RFC 8259, which lets a reader ignore it; losing a paid result would be worse.
            document: object = json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InvalidResponse("The gateway's answer is not valid JSON.", self.raw) from error
        return document

    def document_or_none(self) -> object:
        """The JSON inside, None for everything else."""
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
    """Read an answer, `limit` bytes at most, whatever its status. The caller closes it.

    With a `deadline` it is read beyond that, as long as what is large in it are texts such as videos; the deadline is
    then lifted.
    """
    body, error = b"", ""
    if not is_identity(response):
        error = "The gateway sent a compressed answer that was not asked for."
    else:
        async with aclosing(raw_chunks(response)) as incoming:
            body = await _up_to(incoming, limit)
            if len(body) > limit and deadline is not None and body.lstrip()[:1] in {b"{", b"["}:
                body = await _rest_of_large(body, incoming, limit, deadline)
            elif inline_videos.has_long_texts(body):
                videos = InlineVideos()
                body = videos.feed(body) + videos.unfinished()
        # Before anything is read from it or cut from it, so that no half of the key stays at an edge.
        body = await _redacted(secret, body)
        failpoints.hit("body_in")
        if len(body) > limit:
            body, error = body[:limit], f"The gateway's answer is larger than {limit:,} bytes."
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
    """The whole answer without its long texts; more than `limit` bytes if it is too large all the same."""
    deadline.reschedule(None)
    async with _large_turn():
        videos, size = InlineVideos(), len(begun)
        kept = videos.feed(begun)
        watch = PaceMeter(LARGE_PACE, "answer")
        while len(kept) <= limit and size <= LARGE_LIMIT and (piece := await watch.next_of(incoming)) is not None:
            size += len(piece)
            kept += videos.feed(piece)
    return kept if size <= LARGE_LIMIT else kept + bytes(limit)


@asynccontextmanager
async def _large_turn() -> AsyncIterator[None]:
    """One large answer at a time in the process, whichever event loop reads it: no asyncio lock can say that."""
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
    """The body as it comes, never decoded; also of a response that was made with its content, as in tests."""
    if response.is_stream_consumed:
        yield response.content
        return
    async for piece in response.aiter_raw():
        yield piece


class _PeekedStream(httpx.AsyncByteStream):
    """A body of which the beginning has been read already."""

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
    """The first `size` bytes of the body, or fewer if there are no more. They stay to be read."""
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
    # Bytes that are no UTF-8 go through unchanged: what they mean is decided later.
    return secret.redact(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _kept_text(body: bytes) -> str:
    text = values.storable(body[: RAW_LIMIT + 4].decode("utf-8", "replace"))  # a character has up to 4 bytes
    return text.encode()[:RAW_LIMIT].decode("utf-8", "ignore")


def is_identity(response: httpx.Response) -> bool:
    """Whether the body is as it is, without a content coding (RFC 9110, section 8.4)."""
    codings = response.headers.get("content-encoding", "").lower().split(",")
    return all(coding.strip() in {"", "identity"} for coding in codings)


def media_type(response: httpx.Response) -> str:
    """The content type in lower case without parameters, "" when there is none."""
    return values.text(response.headers.get("content-type", "").partition(";")[0].lower(), 128)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from now, 0 to 900, from seconds or an HTTP date (RFC 9110, section 10.2.3); None for anything else."""
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
