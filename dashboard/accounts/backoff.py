"""Computes the wait after wrong passwords, which grows with each one up to a limit. Pure. All times are in seconds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """After `free` failures the wait is `first`. Each further failure doubles it, up to `longest`."""

    free: int
    first: float
    longest: float
    forget_every: float  # one failure is forgotten per interval of this length

    @property
    def most(self) -> int:
        """The number of failures at which the wait stops growing. Counting stops there."""
        return self.free + math.ceil(math.log2(self.longest / self.first))


@dataclass(frozen=True, slots=True)
class Count:
    failures: float = 0.0
    at: float = 0.0  # time of the last failure, since the epoch


def wait_after(failures: float, policy: Policy) -> float:
    doublings = min(math.floor(failures + 0.5), policy.most) - policy.free  # rounded, because failures decay right away
    return float(min(policy.first * 2**doublings, policy.longest)) if doublings >= 0 else 0.0


def remaining(count: Count, policy: Policy, now: float) -> float:
    """Returns the remaining wait, or 0 if another attempt is allowed now."""
    return max(0.0, wait_after(count.failures, policy) - _since(count, now))


def failed(count: Count, policy: Policy, now: float) -> Count:
    """Returns `count` with one more failure at `now`."""
    kept = max(0.0, count.failures - _since(count, now) / policy.forget_every)
    return Count(min(kept + 1, policy.most), now)


def lifetime(count: Count, policy: Policy) -> int:
    """Returns the number of seconds until the count is back to 0."""
    return math.ceil(count.failures * policy.forget_every)


def _since(count: Count, now: float) -> float:
    return max(0.0, now - count.at)  # server clocks can differ slightly
