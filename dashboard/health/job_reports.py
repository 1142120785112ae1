"""The state of background jobs: this process's own, and those that other pollers report with their heartbeats."""

from collections.abc import Iterable, Mapping

from dashboard.polling.models import PollerHeartbeat
from dashboard.polling.poller_heartbeat import JobReport
from dashboard.runtime import process

Reports = Mapping[str, JobReport]


def others(pollers: Iterable[PollerHeartbeat]) -> list[PollerHeartbeat]:
    """Returns the pollers except this process's own, whose jobs can be inspected directly."""
    own = process.current()
    return [one for one in pollers if own is None or one.name != own.parts.heartbeat.name]


def of_poller(poller: PollerHeartbeat) -> Reports:
    """Returns the poller's reports. Empty if its version doesn't report jobs."""
    reports: Reports = poller.metrics.get("jobs", {})
    return reports


def down(reports: Reports) -> dict[str, bool]:
    """Returns the jobs that are waiting to restart, and whether each one is essential."""
    return {name: report["is_essential"] for name, report in reports.items() if report["is_down"]}
