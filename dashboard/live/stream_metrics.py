"""Counters for this process's streams."""

from dataclasses import dataclass


@dataclass(slots=True)
class LiveMetrics:
    """Totals since the process started."""

    frames: int = 0


stream_metrics = LiveMetrics()
