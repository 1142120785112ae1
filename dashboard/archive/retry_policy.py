"""When a video that could not be kept is tried again, and when it is given up. Pure.

The gateway promises nothing about how long it keeps videos, so "no longer there" is believed only when it is said
again and again, long after the video was made.
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
PLAINLY_GONE: Final = timedelta(days=2)  # after its end, for a video that the gateway says it has not
HOPELESS: Final = timedelta(days=14)  # after its end, for any other failure
ENOUGH: Final = 3  # failures in a row until anything is said, or given up


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a video could not be kept. `is_gone`: the gateway says that it has it no more; `is_full`: we have no room."""

    message: str
    is_gone: bool = False
    is_full: bool = False
    retry_after: float | None = None  # seconds


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What is told of the video, one of `copies`, and when it is tried again; None: it is given up."""

    copy_state: str
    next_try_at: datetime | None


def next_attempt(failure: Failure, tries: int, finished_at: datetime, now: datetime, rng: Random) -> RetryDecision:
    """`tries`: failures in a row, this one included."""
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
