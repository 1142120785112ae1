"""A hub with its jobs, without a server."""

from dashboard.live.hub import Hub
from dashboard.runtime.jobs import JOBS, Role
from dashboard.runtime.process import Process

HUB_JOBS = tuple(spec for spec in JOBS if spec.name.startswith("live "))


class RunningHub(Hub):
    """Must be started in the loop that it runs in. `stop` may be called twice."""

    _process: Process | None = None

    async def start(self) -> None:
        self._process = Process(Role.SERVER, HUB_JOBS, self)
        await self._process.start()

    async def stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            await process.stop()
