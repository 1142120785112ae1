"""The gateway's reading of a Range header: one range of bytes or nothing (RFC 9110, 14.2)."""

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `stop` (not included) of a whole of `size`."""

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
    """The range lies outside of the video, which has `size` bytes: 416."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def pick(header: str | None, size: int) -> Span | None:
    """The span that is asked for; None = send the whole. Raises Unsatisfiable."""
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
    return Span(int(first), min(int(last) + 1 if last else size, size), size)


def suffix(length: int, size: int) -> Span:
    """The last `length` bytes. Raises Unsatisfiable for none."""
    if length == 0 or size == 0:
        raise Unsatisfiable(size)
    return Span(max(0, size - length), size, size)
