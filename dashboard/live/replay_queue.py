"""Replays for browsers that come back: in threads of their own, one at a time for each member, and not too many.

The dearest thing that a stream can ask for: up to 500 rows are read and rendered. Lookups of sessions must not wait
behind them, nor one member's browsers behind another's.
"""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from weakref import WeakValueDictionary

from dashboard.live import event_reader
from dashboard.live.mailbox import Mailbox, QueuedEvent
from dashboard.threads import ThreadPool

THREADS = 2
BURST = 30  # replays of one member at once: some browsers with some tabs, after an outage
PER_SECOND = 0.5
FOR_A_RETRY = 2  # replays: a browser that was refused asks once why, and then comes in
MOST_MEMBERS = 1_000  # remembered, before those who have not asked for long are forgotten

Found = list[QueuedEvent] | None


class TooManyReplays(Exception):
    """`retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(slots=True)
class Allowance:
    """What a member may still ask for; it fills up with time."""

    left: float
    at: float

    def refill(self, now: float) -> None:
        self.left = min(BURST, self.left + (now - self.at) * PER_SECOND)
        self.at = now


class Replays:
    """One per process. Everything but the reading runs in the server's loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._threads = ThreadPool("live-replay", THREADS, releases_connections=True)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._allowances: dict[int, Allowance] = {}

    def stop(self) -> None:
        self._threads.stop()

    def admit(self, member_id: int) -> None:
        """Counts one replay of the member's. Raises TooManyReplays."""
        now = self._now()
        if len(self._allowances) > MOST_MEMBERS:
            self._forget(now)
        allowance = self._allowances.setdefault(member_id, Allowance(BURST, now))
        allowance.refill(now)
        if allowance.left < 1:
            raise TooManyReplays(math.ceil((FOR_A_RETRY - allowance.left) / PER_SECOND))
        allowance.left -= 1

    async def run(self, box: Mailbox, cursor: int) -> Found:
        """What came after the mailbox's cursor, up to `cursor`, at the member's turn; see `event_reader.replay`."""
        turn = self._turns.setdefault(box.viewer.pk, asyncio.Lock())
        await turn.acquire()
        if box.is_closed:
            turn.release()
            return []
        job = asyncio.ensure_future(self._threads.run(event_reader.replay, box.viewer, box.cursor, cursor))
        job.add_done_callback(partial(_end_turn, turn))
        # A browser that leaves does not end the thread's work, so the member's next turn comes after it.
        return await asyncio.shield(job)

    def _forget(self, now: float) -> None:
        for member_id, allowance in [*self._allowances.items()]:
            allowance.refill(now)
            if allowance.left >= BURST:
                del self._allowances[member_id]


def _end_turn(turn: asyncio.Lock, job: "asyncio.Future[Found]") -> None:
    turn.release()
    if not job.cancelled():
        job.exception()  # whoever waits gets it; if nobody waits, it does not matter
