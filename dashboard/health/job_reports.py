"""How jobs do: this process's own, and those that other pollers report with their heartbeats."""

from collections.abc import Iterable, Mapping

from dashboard.polling.models import PollerHeartbeat
from dashboard.polling.poller_heartbeat import JobReport
from dashboard.runtime import process

Reports = Mapping[str, JobReport]


def others(pollers: Iterable[PollerHeartbeat]) -> list[PollerHeartbeat]:
    """Without this process's own: what its jobs do is known here at first hand."""
    own = process.current()
    return [one for one in pollers if own is None or one.name != own.parts.heartbeat.name]


def of_poller(poller: PollerHeartbeat) -> Reports:
    """Empty for a poller of a version that does not report them."""
    reports: Reports = poller.metrics.get("jobs", {})
    return reports


def down(reports: Reports) -> dict[str, bool]:
    """The jobs that wait for their next start; True for an essential one."""
    return {name: report["is_essential"] for name, report in reports.items() if report["is_down"]}
