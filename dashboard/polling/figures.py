"""What this process's poller has done, in numbers."""

from collections import deque
from dataclasses import dataclass, field

SAMPLES = 10_000


@dataclass(slots=True)
class Figures:
    """Totals since the start of the process. `late` holds how many seconds late the latest polls began."""

    polls: int = 0
    failures: int = 0  # polls without an answer that made sense
    changed: int = 0
    dropped: int = 0  # written back too late: the task was somebody else's by then
    crashes: int = 0  # of the loop itself
    late: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def lateness(self, share: float) -> float:
        """The lateness, seconds, that this share (0 to 1) of the latest polls stayed within."""
        ordered = sorted(self.late)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


figures = Figures()
