"""Metrics of this process's poller."""

import re
from collections import Counter, deque
from dataclasses import dataclass, field

SAMPLES = 10_000
INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(slots=True)
class PollerMetrics:
    """Totals since the start of the process. `late`: how many seconds late the latest polls started."""

    polls: int = 0
    failures: int = 0  # polls without a valid answer
    outcomes: Counter[str] = field(default_factory=Counter)  # "answered", or the error's name: "key_refused"
    changed: int = 0
    dropped: int = 0  # written back too late: the claim was already lost
    reclaimed: int = 0  # claims of tasks whose lease had expired: their poller had died or stalled
    late: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def count_result(self, error: Exception | None) -> None:
        """Counts a finished poll."""
        self.polls += 1
        self.failures += error is not None
        self.outcomes["answered" if error is None else _named(error)] += 1

    def as_dict(self) -> dict[str, object]:
        """Returns the metrics that other processes may read, as JSON."""
        return {
            "outcomes": dict(self.outcomes),
            "changed": self.changed,
            "dropped": self.dropped,
            "reclaimed": self.reclaimed,
            "late": {share: self.lateness(float(share)) for share in ("0.5", "0.99")},
        }

    def lateness(self, share: float) -> float:
        """Returns the quantile `share` (0 to 1) of the lateness of the latest polls, in seconds."""
        ordered = sorted(self.late)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _named(error: Exception) -> str:
    return INNER_CAPITAL.sub("_", type(error).__name__).lower()


poller_metrics = PollerMetrics()
