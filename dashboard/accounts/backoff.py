"""How long a wrong password makes one wait: longer after each, up to a limit. Pure; times in seconds."""

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
        """Failures beyond which nothing changes. Counting no further bounds how long forgetting takes."""
        return self.free + math.ceil(math.log2(self.longest / self.first))


@dataclass(frozen=True, slots=True)
class Count:
    failures: float = 0.0
    at: float = 0.0  # of the last failure, since the epoch


def wait_after(failures: float, policy: Policy) -> float:
    doublings = min(math.floor(failures + 0.5), policy.most) - policy.free  # a little of each is always forgotten
    return float(min(policy.first * 2**doublings, policy.longest)) if doublings >= 0 else 0.0


def remaining(count: Count, policy: Policy, now: float) -> float:
    """How much of the wait is left; 0 if another attempt may be made."""
    return max(0.0, wait_after(count.failures, policy) - _since(count, now))


def failed(count: Count, policy: Policy, now: float) -> Count:
    """`count` with one more failure, made now."""
    kept = max(0.0, count.failures - _since(count, now) / policy.forget_every)
    return Count(min(kept + 1, policy.most), now)


def lifetime(count: Count, policy: Policy) -> int:
    """Seconds after which nothing of it is left."""
    return math.ceil(count.failures * policy.forget_every)


def _since(count: Count, now: float) -> float:
    return max(0.0, now - count.at)  # the clocks of two servers differ a little
