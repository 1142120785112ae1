"""Range requests and conditional requests for one immutable video (RFC 9110, sections 13 and 14). No I/O.

Positions are bytes from 0. A `ByteRange` excludes its `stop`, like Python's slices; HTTP headers include the last byte.
Invalid header values are ignored, as the RFC requires.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.http import http_date, parse_etags, parse_http_date_safe

# Only [0-9]: `\d` and int() also accept Arabic digits, "+1" and "1_000".
RANGE = re.compile(r"bytes=(.*)", re.IGNORECASE | re.DOTALL)
SPEC = re.compile(r"([0-9]*)-([0-9]*)")
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)", re.IGNORECASE)

# Larger than any video; int() rejects 5,000 digits, and the exact number doesn't matter.
FAR = 10**20
TAGS = 2_000  # characters to read from a list of tags; a browser sends one tag


class TruncatedBody(Exception):
    """The body ended before all promised bytes were received."""


class OverlongBody(Exception):
    """The body continued after its announced last byte."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to, but not including, `stop`. Never empty."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """One requested range. `first` None means the last `last` bytes; `last` None means to the end."""

    first: int | None
    last: int | None

    def resolve(self, size: int) -> ByteRange | None:
        """Returns the part of a video of `size` bytes; None if there is no such part (416)."""
        if self.first is None:
            start, stop = max(0, size - (self.last or 0)), size
        else:
            start, stop = self.first, size if self.last is None else min(self.last + 1, size)
        return ByteRange(start, stop) if start < stop else None


def parse_range(field: str | None) -> RangeSpec | None:
    """Parses a `Range` header. Returns None if the header has to be ignored.

    A request for several ranges gets the whole video, which section 14.2 allows: no player asks for them, and a
    thousand overlapping ones are an attack.
    """
    match = RANGE.fullmatch((field or "").strip())
    if match is None:
        return None
    # Empty list elements are ignored (RFC 9110 section 5.6.1.2).
    specs = [spec for piece in match[1].split(",") if (spec := piece.strip(" \t"))]
    return _spec(specs[0]) if len(specs) == 1 else None


def _spec(text: str) -> RangeSpec | None:
    match = SPEC.fullmatch(text)
    if match is None or text == "-":
        return None
    first, last = _number(match[1]), _number(match[2])
    return None if first is not None and last is not None and last < first else RangeSpec(first, last)


def _number(digits: str) -> int | None:
    if not digits:
        return None
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= 20 else FAR


def content_range(byte_range: ByteRange | None, size: int) -> str:
    """Returns the `Content-Range` header of a 206, or of a 416 if `byte_range` is None."""
    return f"bytes */{size}" if byte_range is None else f"bytes {byte_range.start}-{byte_range.stop - 1}/{size}"


def range_field(byte_range: ByteRange) -> str:
    """Returns the `Range` header that requests `byte_range`."""
    return f"bytes={byte_range.start}-{byte_range.stop - 1}"


@dataclass(frozen=True, slots=True)
class ContentRange:
    """The part that a 206 claims to contain. `total` is None if it was sent as `*`."""

    byte_range: ByteRange
    total: int | None


def parse_content_range(field: str | None) -> ContentRange | None:
    """Parses the `Content-Range` header of a 206. Returns None if it is missing, malformed or contradictory."""
    match = CONTENT_RANGE.fullmatch((field or "").strip())
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    if last < first or (total is not None and last >= total):
        return None
    return ContentRange(ByteRange(first, last + 1), total)


@dataclass(frozen=True, slots=True)
class Version:
    """The current version of the video. `size` None: unknown, so ranges can't be served; `etag` "": none."""

    size: int | None
    etag: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The status of the response, and the byte range of a 206."""

    status: int
    byte_range: ByteRange | None = None


def decide(method: str, fields: Mapping[str, str], version: Version) -> Decision:
    """Decides the response to a GET or HEAD request with these headers, in the order of RFC 9110 section 13.2.2."""
    if _failed(fields, version):
        return Decision(412)
    if _not_modified(fields, version):
        return Decision(304)
    wanted = parse_range(fields.get("Range"))
    # Section 14.2: Range applies to GET only.
    if method != "GET" or wanted is None or version.size is None or not _if_range(fields.get("If-Range"), version):
        return Decision(200)
    byte_range = wanted.resolve(version.size)
    return Decision(206, byte_range) if byte_range else Decision(416)


def _failed(fields: Mapping[str, str], version: Version) -> bool:
    if (tags := fields.get("If-Match")) is not None:
        return not _lists(tags, version.etag, weak=False)
    since = _seconds(fields.get("If-Unmodified-Since"))
    return since is not None and version.modified is not None and int(version.modified.timestamp()) > since


def _not_modified(fields: Mapping[str, str], version: Version) -> bool:
    if (tags := fields.get("If-None-Match")) is not None:
        return _lists(tags, version.etag, weak=True)
    since = _seconds(fields.get("If-Modified-Since"))
    return since is not None and version.modified is not None and int(version.modified.timestamp()) <= since


def _lists(tags: str, etag: str, *, weak: bool) -> bool:
    """Returns whether the header lists this strong tag, by weak or strong comparison (section 8.8.3.2)."""
    named = parse_etags(tags[:TAGS])
    return named == ["*"] or (bool(etag) and (etag in named or (weak and f"W/{etag}" in named)))


def _if_range(field: str | None, version: Version) -> bool:
    """Returns whether the range may be served: a tag must match strongly, a date exactly (section 13.1.5)."""
    if field is None:
        return True
    if '"' in field:
        return bool(version.etag) and field.strip() == version.etag
    return version.modified is not None and _seconds(field) == int(version.modified.timestamp())


def _seconds(field: str | None) -> int | None:
    return None if field is None else parse_http_date_safe(field.strip())


def last_modified(version: Version) -> str | None:
    """Returns the `Last-Modified` header, which has a resolution of one second."""
    return None if version.modified is None else http_date(version.modified.timestamp())


async def cut(chunks: AsyncIterator[bytes], start: int, stop: int, *, ends: bool = False) -> AsyncIterator[bytes]:
    """Yields the bytes `start` to `stop` of a body. Reads nothing after the last one, unless the body `ends` there.

    Raises TruncatedBody if the body ends before `stop`, and OverlongBody if it should end at `stop` but doesn't. Either
    way, at least one promised byte has not been sent, so the client sees a broken transfer, never a clean end.
    """
    position = 0
    async for chunk in chunks:
        begin, position = position, position + len(chunk)
        if position <= start or not chunk:
            continue
        if position < stop:
            yield chunk if begin >= start else chunk[start - begin :]
            continue
        if ends and (position > stop or await _goes_on(chunks)):
            raise OverlongBody
        yield chunk if begin >= start and position == stop else chunk[max(0, start - begin) : stop - begin]
        return
    if position < stop:
        raise TruncatedBody


async def _goes_on(chunks: AsyncIterator[bytes]) -> bool:
    async for chunk in chunks:
        if chunk:
            return True
    return False
