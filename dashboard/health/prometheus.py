"""Metrics for Prometheus: this process's own counters, and what the database knows about tasks and pollers.

Every server reports the same values from the database, so don't add them up across servers. Use, for example,
`max by (status, condition) (reelboard_tasks)`. A separate poller has no port. It sends its counters with its heartbeat,
and they appear under its name.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from dashboard import notify
from dashboard.content import seats
from dashboard.content.content_metrics import content_metrics
from dashboard.health import job_reports
from dashboard.health.job_reports import Reports
from dashboard.health.snapshot import Snapshot
from dashboard.live.hub import hub
from dashboard.live.stream_metrics import stream_metrics
from dashboard.polling.models import PollerHeartbeat
from dashboard.runtime import process

Rows = Iterable[tuple[list[str], float]]
TOTALS = {
    "changed": "Polls that changed their task.",
    "dropped": "Polls written back too late: the task was another poller's by then.",
    "reclaimed": "Leases taken over from a poller that died or stood still.",
    "notification_failures": "Notifications not delivered.",
}
SERVER = "server"  # label of the process that serves the request; the others are names of pollers


class Collector:
    """Collects the metrics for one response. Without a snapshot, leaves out those from the database as stale."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        yield from _of_process()
        yield from _of_jobs(self._snapshot.pollers if self._snapshot else [])
        yield GaugeMetricFamily("reelboard_database_up", "1 if it was read for this answer.", bool(self._snapshot))
        if self._snapshot is not None:
            yield from _of_tasks(self._snapshot)
            yield from _of_pollers(self._snapshot)


def text(snapshot: Snapshot | None) -> bytes:
    """Returns all metrics in the text format: https://prometheus.io/docs/instrumenting/exposition_formats/"""
    registry = CollectorRegistry()
    for collector in (ProcessCollector(registry=None), PlatformCollector(registry=None), Collector(snapshot)):
        registry.register(collector)
    return generate_latest(registry)


def _of_process() -> Iterator[Metric]:
    yield GaugeMetricFamily("reelboard_streams_open", "Live streams of this process.", len(hub.streams))
    yield CounterMetricFamily("reelboard_stream_frames_sent", "Frames on live streams.", stream_metrics.frames)
    yield GaugeMetricFamily("reelboard_videos_flowing", "Videos on their way through this process.", seats.taken())
    yield CounterMetricFamily("reelboard_video_bytes_sent", "Bytes of videos sent.", content_metrics.sent)
    yield CounterMetricFamily("reelboard_notification_failures", "Notifications not delivered.", notify.failures())


def _of_jobs(pollers: Iterable[PollerHeartbeat]) -> Iterator[Metric]:
    running = process.current()
    reports: dict[str, Reports] = {SERVER: running.report()} if running else {}
    reports |= {one.name: job_reports.of_poller(one) for one in job_reports.others(pollers)}
    flat = [([name, job], report) for name, jobs in reports.items() for job, report in jobs.items()]
    up = GaugeMetricFamily("reelboard_job_up", "0 while it waits for its next start.", labels=["process", "job"])
    yield _filled(up, ((labels, float(not report["is_down"])) for labels, report in flat))
    crashes = CounterMetricFamily("reelboard_job_crashes", "Failures of a job.", labels=["process", "job"])
    yield _filled(crashes, ((labels, float(report["crashes"])) for labels, report in flat))


def _of_tasks(snapshot: Snapshot) -> Iterator[Metric]:
    tasks = GaugeMetricFamily("reelboard_tasks", "Tasks, of all members.", labels=["status", "condition"])
    yield _filled(tasks, (([*labels], number) for labels, number in sorted(snapshot.tasks.items())))
    yield GaugeMetricFamily("reelboard_poll_lag_seconds", "How long the most belated poll is due.", snapshot.lag)


def _of_pollers(snapshot: Snapshot) -> Iterator[Metric]:
    pollers = snapshot.pollers
    yield GaugeMetricFamily("reelboard_pollers", "Pollers with a fresh heartbeat.", len(pollers))
    age = GaugeMetricFamily("reelboard_poller_heartbeat_age_seconds", "Since the last one.", labels=["poller"])
    yield _filled(age, (([one.name], max(0.0, (snapshot.at - one.at).total_seconds())) for one in pollers))
    flying = GaugeMetricFamily("reelboard_polls_in_flight", "Polls under way.", labels=["poller"])
    yield _filled(flying, (([one.name], one.in_flight) for one in pollers))
    polls = CounterMetricFamily("reelboard_polls", "Polls by what came of them.", labels=["poller", "outcome"])
    yield _filled(polls, _parted(pollers, "outcomes"))
    late = GaugeMetricFamily("reelboard_poll_late_seconds", "Of the latest polls.", labels=["poller", "quantile"])
    yield _filled(late, _parted(pollers, "late"))
    for name, meaning in TOTALS.items():
        total = CounterMetricFamily(f"reelboard_poller_{name}", meaning, labels=["poller"])
        yield _filled(total, (([one.name], float(one.metrics.get(name, 0))) for one in pollers))


def _parted(pollers: Iterable[PollerHeartbeat], name: str) -> Rows:
    for poller in pollers:
        for label, value in sorted(poller.metrics.get(name, {}).items()):
            yield [poller.name, label], value


def _filled(family: CounterMetricFamily | GaugeMetricFamily, rows: Rows) -> Metric:
    for labels, value in rows:
        family.add_metric(labels, value)
    return family
