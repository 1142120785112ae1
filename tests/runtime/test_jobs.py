"""Every job in the list restarts after an exception; `/readyz` and `/metrics` report it in the meantime."""

import asyncio
import dataclasses
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from pytest_django import Settings

from dashboard.cancellation import cancel_and_wait
from dashboard.runtime.jobs import JOBS, JobSpec, Parts
from tests.support.in_process import job_server
from tests.support.metrics import Samples, samples
from tests.support.wait import until

pytestmark = pytest.mark.alone


class Killed(Exception):
    """Raised inside a job."""


class Killer:
    """The jobs of the list, each of which can be made to fail."""

    def __init__(self) -> None:
        self.jobs = tuple(dataclasses.replace(spec, run=partial(self._run, spec)) for spec in JOBS)
        self.starts: Counter[str] = Counter()
        self._kills: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def kill(self, name: str) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._kills[name].set)

    async def _run(self, spec: JobSpec, parts: Parts) -> None:
        self._loop, kill = asyncio.get_running_loop(), asyncio.Event()
        self._kills[spec.name] = kill
        self.starts[spec.name] += 1
        work, killed = asyncio.ensure_future(spec.run(parts)), asyncio.create_task(kill.wait())
        try:
            await asyncio.wait((work, killed), return_when=asyncio.FIRST_COMPLETED)
            if killed.done():
                raise Killed
        finally:
            killed.cancel()
            await cancel_and_wait(work)


@dataclasses.dataclass
class Site:
    """A server that polls, with the killer's jobs."""

    killer: Killer
    client: httpx.Client

    def ready(self) -> tuple[int, str, str]:
        answer = self.client.get("/readyz")
        return answer.status_code, answer.json()["status"], answer.json()["jobs"]

    def metrics(self) -> Samples:
        return samples(self.client.get("/metrics").text)


@pytest.fixture
def site(transactional_db: None, settings: Settings) -> Iterator[Site]:
    settings.POLLER = "embedded"
    killer = Killer()
    with job_server(killer.jobs) as url, httpx.Client(base_url=url, timeout=60) as client:
        made = Site(killer, client)
        until(lambda: made.ready() == (200, "ok", "ok"), 20)
        yield made


@pytest.mark.parametrize("spec", JOBS, ids=lambda spec: spec.name)
def test_a_job_that_is_killed_comes_back_within_five_seconds(site: Site, spec: JobSpec) -> None:
    site.metrics()  # caches the figures of the database for some seconds
    killed_at = time.monotonic()
    site.killer.kill(spec.name)
    words = f"failed and waiting to start again: {spec.name}"
    until(lambda: site.ready() == ((503, "not ready", words) if spec.is_essential else (200, "degraded", words)))
    meanwhile = site.metrics()
    assert meanwhile["reelboard_job_up", spec.name, "server"] == 0
    until(lambda: site.killer.starts[spec.name] == 2)
    assert time.monotonic() - killed_at < 5
    until(lambda: site.ready() == (200, "ok", "ok"))
    assert site.metrics()["reelboard_job_up", spec.name, "server"] == 1
    assert site.metrics()["reelboard_job_crashes_total", spec.name, "server"] == 1


def test_the_hub_the_notifier_and_the_poller_are_essential() -> None:
    essential = {spec.name for spec in JOBS if spec.is_essential}
    assert essential == {"notifier", "live listener", "live reader", "poll loop"}
