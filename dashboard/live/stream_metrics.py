"""What this process's streams have carried, in numbers."""

from dataclasses import dataclass


@dataclass(slots=True)
class LiveMetrics:
    """Totals since the start of the process."""

    frames: int = 0


stream_metrics = LiveMetrics()
