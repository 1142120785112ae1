"""Metrics of the videos sent by this process."""

from dataclasses import dataclass


@dataclass(slots=True)
class ContentMetrics:
    """Totals since the start of the process."""

    sent: int = 0  # bytes


content_metrics = ContentMetrics()
