"""The JSON of a request. Files in it are encoded while they are sent, so that no more than a piece is in memory."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

_PIECE: Final = 3 * 64 * 1024  # bytes of a file; a multiple of three, so that pieces of base64 join


class ReadableFile(Protocol):
    def seek(self, offset: int, /) -> object: ...

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class DataUrl:
    """A file of `size` bytes that stands in a document as a `data:` URL (RFC 2397)."""

    file: ReadableFile
    media_type: str
    size: int

    @property
    def beginning(self) -> bytes:
        return f"data:{self.media_type};base64,".encode()

    @property
    def length(self) -> int:
        """Characters of the URL."""
        return len(self.beginning) + (self.size + 2) // 3 * 4


class JsonBody:
    """A document as bytes, to be iterated over as often as it is sent; `length` is the number of bytes.

    `is_sent`: the last byte may be on its way; before that nobody has the whole document. Raises ValueError for NaN and
    infinity.
    """

    def __init__(self, document: Mapping[str, object]) -> None:
        self.is_sent = False
        self._files: list[DataUrl] = []
        self._mark = secrets.token_hex(16)
        text = json.dumps(document, allow_nan=False, default=self._reference)
        self._texts = [piece.encode() for piece in text.split(self._mark)]
        self.length = sum(map(len, self._texts)) + sum(one.length for one in self._files)

    def _reference(self, value: object) -> str:
        if not isinstance(value, DataUrl):
            raise TypeError(f"{type(value).__name__} is no JSON")
        self._files.append(value)
        return self._mark

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_sent = False
        *before, last = self._texts
        for text, file in zip(before, self._files, strict=True):
            yield text
            yield file.beginning
            await asyncio.to_thread(file.file.seek, 0)
            while piece := await asyncio.to_thread(file.file.read, _PIECE):
                yield base64.b64encode(piece)
        # Not after it: whoever takes it may be cut off while it waits, and the other side have it all.
        self.is_sent = True
        yield last
