"""The JSON body of a request. Files in it are encoded while it is sent, one piece in memory at a time."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

_PIECE: Final = 3 * 64 * 1024  # bytes of a file; a multiple of three, so that the base64 of the pieces can be joined


class ReadableFile(Protocol):
    def seek(self, offset: int, /) -> object: ...

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class DataUrl:
    """A file of `size` bytes that is embedded in a document as a `data:` URL (RFC 2397)."""

    file: ReadableFile
    media_type: str
    size: int

    @property
    def beginning(self) -> bytes:
        return f"data:{self.media_type};base64,".encode()

    @property
    def length(self) -> int:
        """The number of characters of the URL."""
        return len(self.beginning) + (self.size + 2) // 3 * 4


class JsonBody:
    """A document as an iterable of bytes that can be sent several times. `length` is the number of bytes.

    `is_sent` becomes True before the last part is yielded: until then, the receiver can't have the whole document.
    Raises ValueError for NaN and infinity.
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
        # Before the yield: the consumer may be canceled while it waits, when the receiver already has everything.
        self.is_sent = True
        yield last
