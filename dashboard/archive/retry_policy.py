"""Decides when copying a video is retried, and when it is given up. Pure.

Gateways don't guarantee how long they keep videos, so "no longer there" is believed only after several attempts, long
after the video was generated.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from dashboard.tasks import archive_state

SHORTEST: Final = 5.0  # seconds
LONGEST: Final = 3600.0
NO_ROOM: Final = 300.0
PLAINLY_GONE: Final = timedelta(days=2)  # after the task finished, if the gateway says that the video is gone
HOPELESS: Final = timedelta(days=14)  # after the task finished, for any other failure
ENOUGH: Final = 3  # failures in a row before members are told, or the copy is given up


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a video could not be copied. `is_gone`: the gateway no longer has it; `is_full`: our storage is full."""

    message: str
    is_gone: bool = False
    is_full: bool = False
    retry_after: float | None = None  # seconds


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """The new `archive_state`, and when to retry; None if the copy is given up."""

    copy_state: str
    next_try_at: datetime | None


def next_attempt(failure: Failure, tries: int, finished_at: datetime, now: datetime, rng: Random) -> RetryDecision:
    """Decides what follows a failure. `tries`: failures in a row, including this one."""
    age = now - finished_at
    if tries >= ENOUGH and age > HOPELESS:
        return RetryDecision(
            archive_state.GONE if failure.is_gone else archive_state.FULL if failure.is_full else archive_state.FAILED,
            None,
        )
    if tries >= ENOUGH and age > PLAINLY_GONE and failure.is_gone:
        return RetryDecision(archive_state.GONE, None)
    if failure.is_full:
        return RetryDecision(archive_state.FULL, _after(now, NO_ROOM, rng))
    pause = max(failure.retry_after or 0.0, min(LONGEST, SHORTEST * math.exp2(min(tries - 1, 20))))
    return RetryDecision(archive_state.TROUBLED if tries >= ENOUGH else archive_state.WAITING, _after(now, pause, rng))


def _after(now: datetime, seconds: float, rng: Random) -> datetime:
    return now + timedelta(seconds=seconds * rng.uniform(1.0, 1.25))
