"""Starts and stops the jobs with the server."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from django.conf import settings

from dashboard.runtime.jobs import BOTH, JOBS, JobSpec, Role
from dashboard.runtime.process import Process

Message = dict[str, Any]


class Lifespan:
    """Implements the ASGI lifespan protocol: https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""

    def __init__(self, jobs: Iterable[JobSpec] = JOBS) -> None:
        self._jobs = tuple(jobs)

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        process = Process(BOTH if settings.POLLER == "embedded" else Role.SERVER, self._jobs)
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await process.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await process.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return
