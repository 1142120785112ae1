"""`/readyz`: ready if everything that it needs is."""

import shutil

import httpx
import pytest

from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server


def ready(process: ServerProcess) -> httpx.Response:
    return httpx.get(f"{process.url}/readyz", timeout=60)


def test_it_is_ready_with_a_poller(process: ServerProcess) -> None:
    process.env = {"POLLER": "embedded"}
    process.start()
    process.eventually(lambda: ready(process).status_code == 200)
    names = ("status", "database", "channel_layer", "live", "poller", "jobs")
    assert ready(process).json() == dict.fromkeys(names, "ok")


def test_it_says_that_nobody_polls(process: ServerProcess) -> None:
    process.start()
    answer = ready(process)
    assert answer.status_code == 503
    assert answer.json()["poller"] == "none has shown a sign of life"


def test_it_is_not_ready_without_its_database(process: ServerProcess) -> None:
    process.start()
    for path in process.data_dir.glob("reelboard.sqlite3*"):
        path.unlink()
    answer = ready(process)
    assert answer.status_code == 503
    assert answer.json()["poller"] != "ok"
    assert httpx.get(f"{process.url}/healthz").status_code == 200
    shutil.rmtree(process.data_dir)
