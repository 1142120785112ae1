"""When a task is asked for next. Pure: times and a random source in, times out.

Asking starts every `every` seconds and slows down smoothly to half of that as the task nears its deadline. Past the
deadline a task is overdue: it is asked for every five minutes for another day, because a result of a paid job that
is never fetched is the worst thing to happen.

Jitter only ever shortens an interval, so that an interval is a promise. Waiting after a failure is drawn from the
whole range ("full jitter"), so that those who failed together don't come back together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

SLOW_INTERVAL: Final = 300.0  # seconds between two polls of an overdue or unknown task
WATCH_AFTER_DEADLINE: Final = timedelta(hours=24)  # past the deadline
REPLICA_LAG: Final = timedelta(seconds=60)  # a task this young may not be known everywhere at the gateway
QUARANTINE: Final = 3600.0  # seconds, for a task that a defect of ours keeps from being read, or nobody waits for
FAILURES_UNTIL_QUARANTINE: Final = 5  # answers in a row that tell no state: checked at the slow interval from then on
FAILURES_UNTIL_SILENT: Final = 2  # answers in a row that tell no state until the page says so
FAILURES_UNTIL_UNREACHABLE: Final = 3  # polls of one task in a row that got no answer until the page says so
MAX_RETRY_PAUSE: Final = 60.0  # seconds between two polls of a task that gets no answer
CONFIRM: Final = 5.0  # seconds between a key's first refusal and the poll that confirms it
RETRY_AFTER_CAP: Final = 900.0


@dataclass(frozen=True, slots=True)
class PollConfig:
    """The settings of the schedule, seconds. `deadlines`: by model, where one needs longer."""

    every: float = 5.0
    deadline: float = 600.0
    deadlines: Mapping[str, float] = field(default_factory=dict)
    lease: float = 30.0  # longer than any poll may take

    def deadline_of(self, model: str) -> float:
        return self.deadlines.get(model, self.deadline)


def after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def interval(age: float, every: float, deadline: float) -> float:
    """Seconds to the next poll of a task that is `age` seconds old: `every` at first, twice that at its deadline."""
    return every * (1.0 + min(1.0, max(0.0, age) / deadline))


def jittered(seconds: float, rng: Random) -> float:
    """Between 90 and 100 % of it."""
    return seconds * rng.uniform(0.9, 1.0)


def full_jitter(step: int, shortest: float, longest: float, rng: Random) -> float:
    """Seconds from `shortest` to a limit that doubles with each step (0, 1, 2, ...) up to `longest`."""
    limit = min(longest, shortest * math.exp2(min(step + 1, 30)))
    return rng.uniform(shortest, max(shortest, limit))


def rate_limit_pause(step: int, retry_after: float | None, rng: Random) -> float:
    """Seconds for which a rate-limited key rests: as long as the gateway said and up to a tenth more, else a guess."""
    if retry_after is None:
        return full_jitter(step, 5.0, 300.0, rng)
    return max(1.0, min(RETRY_AFTER_CAP, retry_after)) * rng.uniform(1.0, 1.1)


def retry_pause(failures: int, every: float, rng: Random) -> float:
    """Seconds until a task that got no answer is asked for again; `failures` in a row, from 1."""
    return full_jitter(failures - 1, min(every, MAX_RETRY_PAUSE) / 2, MAX_RETRY_PAUSE, rng)


def slow_interval(config: PollConfig) -> float:
    return max(SLOW_INTERVAL, config.every)


def next_poll(
    created_at: datetime, deadline_at: datetime, now: datetime, config: PollConfig, rng: Random
) -> datetime | None:
    """When to ask again for a task that is still under way; None: it is no longer watched."""
    if now >= deadline_at + WATCH_AFTER_DEADLINE:
        return None
    if now >= deadline_at:
        return after(now, jittered(slow_interval(config), rng))
    whole = (deadline_at - created_at).total_seconds()
    age = (now - created_at).total_seconds()
    return after(now, jittered(interval(age, config.every, max(whole, 1.0)), rng))
