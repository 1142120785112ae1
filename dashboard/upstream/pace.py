"""How slowly a body may arrive before its source counts as unavailable."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import httpx
from django.utils.translation import gettext_noop

from dashboard.upstream.errors import TimedOut, Unavailable


@dataclass(frozen=True, slots=True)
class Pace:
    """The slowest that an upstream may be, in seconds and bytes per second."""

    first: float = 15.0  # until the first byte
    idle: float = 30.0  # between two chunks
    floor: float = 8_000.0  # the minimum rate ...
    window: float = 60.0  # ... over this much time waiting for the upstream; waiting for a slow reader doesn't count


@dataclass(frozen=True, slots=True)
class PaceMessages:
    """What the errors of one kind of body say."""

    stalled: str
    broken: str
    slow: str


VIDEO: Final = PaceMessages(
    gettext_noop("The video stalled."),
    gettext_noop("The connection broke before the video was whole."),
    gettext_noop("The video came too slowly."),
)
ANSWER: Final = PaceMessages(
    gettext_noop("The answer stalled."),
    gettext_noop("The connection broke before the answer was whole."),
    gettext_noop("The answer came too slowly."),
)


class PaceMeter:
    """Measures the time spent waiting for the upstream, and how many bytes arrived."""

    def __init__(self, pace: Pace, messages: PaceMessages) -> None:
        self._pace = pace
        self._messages = messages
        self._began = False
        self._waited = 0.0
        self._size = 0

    async def next_of(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """Returns the next chunk, None at the end.

        If the upstream stalls, raises TimedOut before the first chunk and Unavailable after it. Raises Unavailable if
        the connection breaks or the upstream is too slow.
        """
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.timeout(self._pace.idle if self._began else self._pace.first):
                piece = await anext(pieces, None)
        except TimeoutError as error:
            kind = Unavailable if self._began else TimedOut
            raise kind(self._messages.stalled) from error
        except httpx.HTTPError as error:
            raise Unavailable(self._messages.broken) from error
        self._began = True
        self._count(len(piece or b""), loop.time() - start)
        return piece

    def _count(self, size: int, waited: float) -> None:
        self._size += size
        self._waited += waited
        if self._waited < self._pace.window:
            return
        if self._size < self._pace.floor * self._waited:
            raise Unavailable(self._messages.slow)
        self._size, self._waited = 0, 0.0
