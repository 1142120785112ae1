"""Runs replays for browsers that reconnect: in separate threads, one at a time per member, and rate limited.

A replay is the most expensive thing that a stream can request, because it reads and renders up to 500 rows. Session
lookups must not have to wait for replays, nor one member's browsers for another's.
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
BURST = 30  # replays that a member can use at once, such as for several browsers with several tabs after an outage
PER_SECOND = 0.5
FOR_A_RETRY = 2  # replays; a rejected browser sends one request to find out why, and then reconnects
MOST_MEMBERS = 1_000  # members remembered before those with a full allowance are forgotten

Found = list[QueuedEvent] | None


class TooManyReplays(Exception):
    """Raised if a member has used up their replays. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(slots=True)
class Allowance:
    """The number of replays that a member has left. Refills over time."""

    left: float
    at: float

    def refill(self, now: float) -> None:
        self.left = min(BURST, self.left + (now - self.at) * PER_SECOND)
        self.at = now


class Replays:
    """Runs the replays of the process. Everything except the reads runs in the server's event loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._threads = ThreadPool("live-replay", THREADS, releases_connections=True)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._allowances: dict[int, Allowance] = {}

    def stop(self) -> None:
        self._threads.stop()

    def admit(self, member_id: int) -> None:
        """Counts one replay for the member. Raises TooManyReplays."""
        now = self._now()
        if len(self._allowances) > MOST_MEMBERS:
            self._forget(now)
        allowance = self._allowances.setdefault(member_id, Allowance(BURST, now))
        allowance.refill(now)
        if allowance.left < 1:
            raise TooManyReplays(math.ceil((FOR_A_RETRY - allowance.left) / PER_SECOND))
        allowance.left -= 1

    async def run(self, box: Mailbox, cursor: int) -> Found:
        """Waits for the member's turn, then runs `event_reader.replay` from the mailbox's cursor up to `cursor`."""
        turn = self._turns.setdefault(box.viewer.pk, asyncio.Lock())
        await turn.acquire()
        if box.is_closed:
            turn.release()
            return []
        job = asyncio.ensure_future(self._threads.run(event_reader.replay, box.viewer, box.cursor, cursor))
        job.add_done_callback(partial(_end_turn, turn))
        # The thread keeps working if the browser disconnects. The member's next turn starts when it is done.
        return await asyncio.shield(job)

    def _forget(self, now: float) -> None:
        for member_id, allowance in [*self._allowances.items()]:
            allowance.refill(now)
            if allowance.left >= BURST:
                del self._allowances[member_id]


def _end_turn(turn: asyncio.Lock, job: "asyncio.Future[Found]") -> None:
    turn.release()
    if not job.cancelled():
        job.exception()  # marks the exception as retrieved; the caller, if still waiting, gets it
