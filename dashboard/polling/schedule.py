"""Decides when a task is polled next. Pure: takes times and a random source, returns times.

A new task is polled every `every` seconds, and gradually half as often as it approaches its deadline. After the
deadline a task is overdue: it is polled every five minutes for another day, because never fetching the result of a paid
task is the worst outcome.

Jitter only shortens intervals, so an interval is an upper limit. The pause after a failure is drawn from the whole
range ("full jitter"), so that tasks that failed together are not retried together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

SLOW_INTERVAL: Final = 300.0  # seconds between two polls of an overdue or unknown task
WATCH_AFTER_DEADLINE: Final = timedelta(hours=24)  # past the deadline
REPLICA_LAG: Final = timedelta(seconds=60)  # younger tasks may not be known to all of the gateway's replicas yet
QUARANTINE: Final = 3600.0  # seconds, for a task that our own bug makes unreadable, or that is no longer watched
FAILURES_UNTIL_QUARANTINE: Final = 5  # responses in a row without a state until the task is polled at the slow interval
FAILURES_UNTIL_SILENT: Final = 2  # responses in a row without a state until the page says so
FAILURES_UNTIL_UNREACHABLE: Final = 3  # polls of one task in a row without a response until the page says so
MAX_RETRY_PAUSE: Final = 60.0  # seconds between polls of a task that gets no response
CONFIRM: Final = 5.0  # seconds from a key's first refusal to the poll that should confirm it
RETRY_AFTER_CAP: Final = 900.0


@dataclass(frozen=True, slots=True)
class PollConfig:
    """The settings of the schedule, in seconds. `deadlines`: by model, for models that need longer."""

    every: float = 5.0
    deadline: float = 600.0
    deadlines: Mapping[str, float] = field(default_factory=dict)
    lease: float = 30.0  # longer than any poll may take

    def deadline_of(self, model: str) -> float:
        return self.deadlines.get(model, self.deadline)


def after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def interval(age: float, every: float, deadline: float) -> float:
    """Returns seconds until the next poll of a task of `age` seconds: `every` at first, twice that at its deadline."""
    return every * (1.0 + min(1.0, max(0.0, age) / deadline))


def jittered(seconds: float, rng: Random) -> float:
    """Returns between 90 and 100% of `seconds`."""
    return seconds * rng.uniform(0.9, 1.0)


def full_jitter(step: int, shortest: float, longest: float, rng: Random) -> float:
    """Returns seconds between `shortest` and a limit that doubles with each step (0, 1, 2, ...) up to `longest`."""
    limit = min(longest, shortest * math.exp2(min(step + 1, 30)))
    return rng.uniform(shortest, max(shortest, limit))


def rate_limit_pause(step: int, retry_after: float | None, rng: Random) -> float:
    """Returns how many seconds a rate-limited key pauses: what the gateway said plus up to 10%, else full jitter."""
    if retry_after is None:
        return full_jitter(step, 5.0, 300.0, rng)
    return max(1.0, min(RETRY_AFTER_CAP, retry_after)) * rng.uniform(1.0, 1.1)


def retry_pause(failures: int, every: float, rng: Random) -> float:
    """Returns seconds until the next poll after a failed one. `failures` in a row, from 1."""
    return full_jitter(failures - 1, min(every, MAX_RETRY_PAUSE) / 2, MAX_RETRY_PAUSE, rng)


def slow_interval(config: PollConfig) -> float:
    return max(SLOW_INTERVAL, config.every)


def next_poll(
    created_at: datetime, deadline_at: datetime, now: datetime, config: PollConfig, rng: Random
) -> datetime | None:
    """Returns when to poll an unfinished task again; None if it is no longer watched."""
    if now >= deadline_at + WATCH_AFTER_DEADLINE:
        return None
    if now >= deadline_at:
        return after(now, jittered(slow_interval(config), rng))
    whole = (deadline_at - created_at).total_seconds()
    age = (now - created_at).total_seconds()
    return after(now, jittered(interval(age, config.every, max(whole, 1.0)), rng))
