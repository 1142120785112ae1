"""Runs the jobs of a process: a server, or `runworker poller`."""

from collections.abc import Callable, Iterable

from dashboard import notify
from dashboard.live.hub import Hub, hub
from dashboard.polling.poller import Poller
from dashboard.polling.poller_heartbeat import HeartbeatWriter, JobReport
from dashboard.polling.worker import PollerWorker
from dashboard.runtime.jobs import JOBS, JobSpec, Parts, Role
from dashboard.runtime.supervisor import JobStatus, Supervisor
from dashboard.upstream import client


class Process:
    """Must be created in the event loop in which it runs."""

    def __init__(self, role: Role, jobs: Iterable[JobSpec] = JOBS, live: Hub = hub) -> None:
        self._role = role
        specs = [spec for spec in jobs if spec.role & role]
        self._of_poller = {spec.name for spec in specs if spec.role & Role.POLLER}
        self.parts = _make_parts(live, self._report_of_poller)
        self._supervisor = Supervisor(spec.bind(self.parts) for spec in specs)
        self.parts.heartbeat.write_on(self._supervisor.changed)

    def report(self) -> dict[str, JobReport]:
        """Returns the state of each job, by name."""
        return {name: _report_of(status) for name, status in self._supervisor.status.items()}

    async def start(self) -> None:
        notify.set_notifier(self.parts.notifier)
        if Role.SERVER in self._role:
            await self.parts.hub.open()
        self._supervisor.start()
        _set_current(self)

    async def stop(self) -> None:
        """Closes all streams, stops all jobs, and releases claims."""
        if Role.SERVER in self._role:
            await self.parts.hub.dismiss_all()
        await self._supervisor.stop()
        if Role.POLLER in self._role:
            await self.parts.worker.close()
            await self.parts.heartbeat.close()
        if Role.SERVER in self._role:
            self.parts.hub.close()
        notify.set_notifier(None)
        _set_current(None)
        await client.close_shared()

    def _report_of_poller(self) -> dict[str, JobReport]:
        return {name: report for name, report in self.report().items() if name in self._of_poller}


def _make_parts(live: Hub, report: Callable[[], dict[str, JobReport]]) -> Parts:
    poller = Poller()
    return Parts(live, notify.Notifier(), poller, PollerWorker.for_poller(poller), HeartbeatWriter(poller, report))


def _report_of(status: JobStatus) -> JobReport:
    return {"is_essential": status.is_essential, "is_down": status.is_down, "crashes": status.crashes}


_current: Process | None = None


def current() -> Process | None:
    """Returns this process's `Process` while its jobs are running, else None."""
    return _current


def _set_current(process: Process | None) -> None:
    global _current
    _current = process
