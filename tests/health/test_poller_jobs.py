"""What a server reports about the jobs of pollers, which have no port: it reads their heartbeat rows."""

from collections.abc import Callable

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.health import checks, prometheus, snapshot
from dashboard.health.checks import Finding
from dashboard.keys.models import ApiKey
from dashboard.polling import models
from dashboard.polling.poller_heartbeat import JobReport
from tests.live.conftest import port, server
from tests.polling.workers import worker
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.metrics import samples
from tests.support.wait import until

__all__ = ["port", "server"]
Beat = Callable[..., None]


@pytest.fixture
def beat(transactional_db: None) -> Beat:
    def written(name: str, *down: str) -> None:
        jobs = {
            job: JobReport(is_essential=job == "poll loop", is_down=job in down, crashes=int(job in down))
            for job in ("poll loop", "archiver")
        }
        models.record_heartbeat(name, timezone.now(), polls=1, in_flight=0, metrics={"jobs": jobs})

    return written


def poller_check() -> Finding:
    return async_to_sync(checks.poller)()


def test_pollers_that_are_well_are_no_problem(beat: Beat) -> None:
    beat("one:1")
    assert poller_check().problem == ""


def test_another_job_of_a_poller_only_degrades(beat: Beat) -> None:
    beat("one:1", "archiver")
    assert poller_check() == Finding("one:1: failed and waiting to start again: archiver", only_degrades=True)


def test_nobody_polls_while_the_only_loop_is_down(beat: Beat) -> None:
    beat("one:1", "poll loop")
    assert poller_check() == Finding("one:1: failed and waiting to start again: poll loop", only_degrades=False)


def test_one_of_two_loops_only_degrades(beat: Beat) -> None:
    beat("one:1", "poll loop")
    beat("two:2")
    assert poller_check().only_degrades
    beat("two:2", "poll loop", "archiver")
    assert not poller_check().only_degrades


def test_a_poller_of_an_earlier_version_reports_no_jobs(beat: Beat) -> None:
    models.record_heartbeat("old:1", timezone.now(), polls=1, in_flight=0, metrics={"outcomes": {}})
    assert poller_check().problem == ""


def test_metrics_name_the_poller_and_the_job(beat: Beat) -> None:
    beat("one:1", "archiver")
    found = samples(prometheus.text(snapshot.read()).decode())
    assert found["reelboard_job_up", "archiver", "one:1"] == 0
    assert found["reelboard_job_crashes_total", "archiver", "one:1"] == 1
    assert found["reelboard_job_up", "poll loop", "one:1"] == 1


@pytest.mark.server
def test_a_server_tells_of_a_separate_poller_whose_loop_fails(
    gateway: Gateway, port: int, alice: User, alices_key: ApiKey
) -> None:
    make_task(alice, alices_key, gateway.add_task("amux+stuck"))

    def ready() -> tuple[int, str]:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60)
        return answer.status_code, answer.json()["poller"]

    with worker(gateway.url, failpoint="before_claim:raise:1"):
        until(lambda: ready()[0] == 503 and ready()[1].endswith("again: poll loop"), 30)
        until(lambda: ready() == (200, "ok"), 30)
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    (crashes,) = (value for (name, *labels), value in samples(text).items() if is_crash(name, labels))
    assert crashes == 1


def is_crash(name: str, labels: list[str]) -> bool:
    return name == "reelboard_job_crashes_total" and labels[0] == "poll loop"
