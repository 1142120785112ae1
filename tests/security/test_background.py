"""Background jobs don't end for good: a failure is logged, reported in /readyz, and the job is restarted."""

import asyncio
import itertools
import time
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.health import checks
from dashboard.live.hub import hub
from dashboard.runtime import supervisor
from dashboard.runtime.jobs import JOBS, Role
from dashboard.runtime.process import Process
from dashboard.runtime.supervisor import Job, Supervisor
from dashboard.videos import files
from tests.live.conftest import Listen, alice, bob, in_loop, listen, port, server
from tests.support.wait import until, until_async

__all__ = ["alice", "bob", "listen", "port", "server"]


def fails() -> None:
    raise RuntimeError("once")


def jobs_check() -> checks.Finding:
    found = in_loop(checks.jobs)
    assert isinstance(found, checks.Finding)
    return found


def test_the_streams_heartbeat_goes_on(
    listen: Listen, alice: User, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    listen(alice)
    (box,) = hub.streams
    box.abort, box.sending_since = fails, time.monotonic() - 60
    until(lambda: "live heartbeat" in jobs_check().problem)
    assert jobs_check().only_degrades
    assert "job 'live heartbeat' failed" in caplog.text
    until(lambda: jobs_check().problem == "")
    stream = listen(bob)
    next(box for box in hub.streams if box.viewer.pk == bob.pk).sent_at -= 60
    assert stream.wait_for("tick")


@pytest.mark.django_db(transaction=True)
async def test_the_archiver_goes_on(settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings.DATA_DIR = None
    process = Process(Role.POLLER, [spec for spec in JOBS if spec.name == "archiver"])
    await process.start()
    await until_async(sync_to_async(lambda: process.report()["archiver"]["is_down"]))
    assert "job 'archiver' failed" in caplog.text
    settings.DATA_DIR = tmp_path
    await until_async(sync_to_async(lambda: files.partial_dir().exists()))
    await process.stop()
    await sync_to_async(connections.close_all)()


async def test_it_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.05)
    starts: list[float] = []
    finished = asyncio.Event()

    async def run() -> None:
        starts.append(time.monotonic())
        if len(starts) == 4:
            finished.set()
            await asyncio.Event().wait()
        elif len(starts) < 3:  # the third start ends without an error
            raise RuntimeError

    running = Supervisor([Job("a test", run)])
    running.start()
    async with asyncio.timeout(10):
        await finished.wait()
    await running.stop()
    pauses = [after - before for before, after in itertools.pairwise(starts)]
    assert pauses[0] >= 0.05
    assert pauses[1] >= 0.1
    assert pauses[2] >= 0.2
    assert running.status["a test"] == supervisor.JobStatus(is_essential=False, is_down=False, crashes=3)


def test_it_waits_a_minute_at_most() -> None:
    assert supervisor.FIRST_WAIT <= 5
    assert supervisor.LONGEST_WAIT == 60
