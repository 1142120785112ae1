"""How long to wait after wrong passwords: longer after each one, up to a limit. Pure; times in seconds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`free` failures cost nothing; the wait after that many is `first`, and each further failure doubles it."""

    free: int
    first: float
    longest: float
    forget_every: float  # one failure is forgotten each time this has passed

    @property
    def most(self) -> int:
        """The number of failures after which the wait stays the same. Counting stops there."""
        return self.free + math.ceil(math.log2(self.longest / self.first))


@dataclass(frozen=True, slots=True)
class Count:
    failures: float = 0.0
    at: float = 0.0  # of the last failure, since the epoch


def wait_after(failures: float, policy: Policy) -> float:
    doublings = min(math.floor(failures + 0.5), policy.most) - policy.free  # a little of each is always forgotten
    return float(min(policy.first * 2**doublings, policy.longest)) if doublings >= 0 else 0.0


def remaining(count: Count, policy: Policy, now: float) -> float:
    """Returns the rest of the wait; 0 if another attempt is allowed."""
    return max(0.0, wait_after(count.failures, policy) - _since(count, now))


def failed(count: Count, policy: Policy, now: float) -> Count:
    """Returns `count` with one more failure at this moment."""
    kept = max(0.0, count.failures - _since(count, now) / policy.forget_every)
    return Count(min(kept + 1, policy.most), now)


def lifetime(count: Count, policy: Policy) -> int:
    """Returns the seconds after which the count is back at 0."""
    return math.ceil(count.failures * policy.forget_every)


def _since(count: Count, now: float) -> float:
    return max(0.0, now - count.at)  # the clocks of two servers differ a little
