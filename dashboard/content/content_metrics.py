"""What this process has sent of videos, in numbers."""

from dataclasses import dataclass


@dataclass(slots=True)
class ContentMetrics:
    """Totals since the start of the process."""

    sent: int = 0  # bytes


content_metrics = ContentMetrics()
