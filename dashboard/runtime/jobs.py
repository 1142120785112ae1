"""The list of all background jobs of a server and a poller."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import Final

from dashboard.archive.file_reader import new_file_reader
from dashboard.archive.gateway_source import new_archiver
from dashboard.live.hub import Hub
from dashboard.notify import Notifier
from dashboard.polling.maintenance import Maintenance
from dashboard.polling.poller import Poller
from dashboard.polling.poller_heartbeat import HeartbeatWriter
from dashboard.polling.worker import PollerWorker
from dashboard.runtime.supervisor import Job


class Role(Flag):
    """The role of a process. With POLLER=embedded, the server has both roles."""

    SERVER = auto()
    POLLER = auto()


BOTH: Final = Role.SERVER | Role.POLLER


@dataclass(frozen=True, slots=True)
class Parts:
    """The objects that a process's jobs work on. Each is created once and survives a restart of its job."""

    hub: Hub
    notifier: Notifier
    poller: Poller
    worker: PollerWorker
    heartbeat: HeartbeatWriter


@dataclass(frozen=True, slots=True)
class JobSpec:
    """Defines a background job.

    `run` is called at each start and is not expected to return. `role` selects the processes that run the job. While an
    essential job is down, the server isn't ready. While another job is down, the server is only degraded. For `stop`
    and `stop_timeout`, see `supervisor.Job`.
    """

    name: str
    run: Callable[[Parts], Awaitable[None]]
    role: Role
    is_essential: bool = False
    stop: Callable[[Parts], None] | None = None
    stop_timeout: float = 0.0

    def bind(self, parts: Parts) -> Job:
        stop = self.stop
        return Job(
            self.name,
            lambda: self.run(parts),
            is_essential=self.is_essential,
            stop=None if stop is None else lambda: stop(parts),
            stop_timeout=self.stop_timeout,
        )


# They are stopped in reverse order, so that the notifier can still send notifications for the others' last writes.
JOBS: Final = (
    JobSpec("notifier", lambda parts: parts.notifier.run(), BOTH, is_essential=True),
    JobSpec("live listener", lambda parts: parts.hub.listener.listen(), Role.SERVER, is_essential=True),
    JobSpec("live reader", lambda parts: parts.hub.run(), Role.SERVER, is_essential=True),
    JobSpec("live counts", lambda parts: parts.hub.status_counts.run(), Role.SERVER),
    JobSpec("live heartbeat", lambda parts: parts.hub.heartbeat.run(), Role.SERVER),
    JobSpec("live access", lambda parts: parts.hub.heartbeat.run_rechecks(), Role.SERVER),
    JobSpec(
        "poll loop",
        lambda parts: parts.poller.run(),
        Role.POLLER,
        is_essential=True,
        stop=lambda parts: parts.poller.stop(),
        stop_timeout=4.0,  # after that, it is canceled, and its leases expire
    ),
    JobSpec("poller listener", lambda parts: parts.worker.handle(), Role.POLLER),
    JobSpec("poller waker", lambda parts: parts.worker.keep_awake(), Role.POLLER),
    JobSpec("poller checker", lambda parts: parts.worker.check_consumer(), Role.POLLER),
    JobSpec("poller heartbeat", lambda parts: parts.heartbeat.run(), Role.POLLER),
    JobSpec("maintenance", lambda _: Maintenance().run(), Role.POLLER),
    JobSpec("file reader", lambda _: new_file_reader().run(), Role.POLLER, stop_timeout=2.0),
    JobSpec("archiver", lambda _: new_archiver().run(), Role.POLLER, stop_timeout=2.0),
)
