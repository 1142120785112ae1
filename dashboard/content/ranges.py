"""Ranges and conditional requests: RFC 9110, sections 13 and 14, for one unchanging video. No I/O.

Positions are bytes from 0. A `ByteRange` stops before its `stop`, as Python's slices do; the header fields of HTTP name
the last byte itself. What is not understood in a field is ignored, as the RFC asks, and never guessed at.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.http import http_date, parse_etags, parse_http_date_safe

# Only [0-9]: `\d` and int() also take Arabic digits, "+1" and "1_000".
RANGE = re.compile(r"bytes=(.*)", re.IGNORECASE | re.DOTALL)
SPEC = re.compile(r"([0-9]*)-([0-9]*)")
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)", re.IGNORECASE)

# Longer than any video; int() refuses 5,000 digits, and nobody needs the exact number.
FAR = 10**20
TAGS = 2_000  # characters of a list of tags that are read; a browser sends one tag


class TruncatedBody(Exception):
    """The source ended before the bytes that were promised."""


class OverlongBody(Exception):
    """The source went on after the byte that was said to be its last."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to, but not including, `stop`; never empty."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """One range as it was asked for: `first` None means the last `last` bytes; `last` None means to the end."""

    first: int | None
    last: int | None

    def resolve(self, size: int) -> ByteRange | None:
        """The part of a video of `size` bytes; None when there is no such part (416)."""
        if self.first is None:
            start, stop = max(0, size - (self.last or 0)), size
        else:
            start, stop = self.first, size if self.last is None else min(self.last + 1, size)
        return ByteRange(start, stop) if start < stop else None


def parse_range(field: str | None) -> RangeSpec | None:
    """The range that a `Range` field asks for; None: answer as if the field were not there.

    Several ranges in one request are answered with the whole video, which section 14.2 allows: no player asks for them,
    and a thousand overlapping ones are an attack.
    """
    match = RANGE.fullmatch((field or "").strip())
    if match is None:
        return None
    # An empty element of a list counts for nothing: RFC 9110 section 5.6.1.2.
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
    """The `Content-Range` field of a 206, or of a 416 when `span` is None."""
    return f"bytes */{size}" if byte_range is None else f"bytes {byte_range.start}-{byte_range.stop - 1}/{size}"


def range_field(byte_range: ByteRange) -> str:
    """The `Range` field that asks for `span`."""
    return f"bytes={byte_range.start}-{byte_range.stop - 1}"


@dataclass(frozen=True, slots=True)
class ContentRange:
    """What a 206 says that it holds; `total` None when it was sent as `*`."""

    byte_range: ByteRange
    total: int | None


def parse_content_range(field: str | None) -> ContentRange | None:
    """The `Content-Range` field of a 206; None when it is missing, garbled or contradicts itself."""
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
    """What the video is now. `size` None: not known, and then nothing can be cut from it; `etag` "" : none is given."""

    size: int | None
    etag: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The status to answer with, and for a 206 the bytes."""

    status: int
    byte_range: ByteRange | None = None


def decide(method: str, fields: Mapping[str, str], version: Version) -> Decision:
    """The answer to a GET or HEAD with these request fields, in the order of RFC 9110 section 13.2.2."""
    if _failed(fields, version):
        return Decision(412)
    if _not_modified(fields, version):
        return Decision(304)
    wanted = parse_range(fields.get("Range"))
    # Section 14.2: Range means something with GET only.
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
    """Does the field name this strong tag, by weak or by strong comparison (section 8.8.3.2)?"""
    named = parse_etags(tags[:TAGS])
    return named == ["*"] or (bool(etag) and (etag in named or (weak and f"W/{etag}" in named)))


def _if_range(field: str | None, version: Version) -> bool:
    """May the range be answered? A tag must match strongly, a date exactly (section 13.1.5)."""
    if field is None:
        return True
    if '"' in field:
        return bool(version.etag) and field.strip() == version.etag
    return version.modified is not None and _seconds(field) == int(version.modified.timestamp())


def _seconds(field: str | None) -> int | None:
    return None if field is None else parse_http_date_safe(field.strip())


def last_modified(version: Version) -> str | None:
    """The `Last-Modified` field, to the second."""
    return None if version.modified is None else http_date(version.modified.timestamp())


async def cut(chunks: AsyncIterator[bytes], start: int, stop: int, *, ends: bool = False) -> AsyncIterator[bytes]:
    """The bytes `start` to `stop` of a body; nothing is read after the last one, unless the body `ends` there too.

    Raises Short when the body is over before `stop`, and, where it `ends`, Long when it is not over at `stop`. In both
    cases some promised byte was held back, so that the viewer's program sees a broken transfer, never a clean end.
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
