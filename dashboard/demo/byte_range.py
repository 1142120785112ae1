"""Parses a Range header as the gateway does: a single byte range, or none (RFC 9110, 14.2)."""

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `stop` (exclusive) of a video of `size` bytes."""

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


class Unsatisfiable(Exception):
    """The range is outside of the video, which has `size` bytes: 416."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def pick(header: str | None, size: int) -> ByteRange | None:
    """Returns the requested range, or None to send the whole video. Raises Unsatisfiable."""
    match = ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return suffix(int(last), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable(size)
    return ByteRange(int(first), min(int(last) + 1 if last else size, size), size)


def suffix(length: int, size: int) -> ByteRange:
    """Returns the range of the last `length` bytes. Raises Unsatisfiable if it is empty."""
    if length == 0 or size == 0:
        raise Unsatisfiable(size)
    return ByteRange(max(0, size - length), size, size)
