"""A poller that is killed with SIGKILL at any moment, or told to stop."""

import signal
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling.models import PollerHeartbeat
from dashboard.tasks.models import Task, TaskEvent
from tests.polling.test_loop import closest, ended, tracked
from tests.polling.workers import worker
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.wait import until

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

DELAY = 0.2  # seconds that each answer is delayed
PLACES = ("before_claim", "after_claim", "before_request", "answered", "before_commit", "inside_commit", "after_commit")


@pytest.fixture
def slow_gateway(gateway: Gateway) -> Gateway:
    gateway.fault("delay", settings={"seconds": DELAY})
    return gateway


def all_ended() -> bool:
    return not Task.objects.scheduled().exists()


def check_history() -> None:
    """Checks that each version of each task has exactly one event, nothing is leased, and the database is intact."""
    told: dict[object, list[int]] = {}
    for task_id, version in TaskEvent.objects.order_by("version").values_list("task_id", "version"):
        told.setdefault(task_id, []).append(version)
    for task in Task.objects.all():
        assert told[task.pk] == [*range(1, task.version + 1)]
        assert task.lease_token is None
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchone() == ("ok",)


def let_leases_end() -> None:
    """Changes the leases as if half a minute had passed since the poller was killed."""
    long = timedelta(seconds=31)
    Task.objects.exclude(lease_token=None).update(
        lease_until=F("lease_until") - long, next_poll_at=F("next_poll_at") - long
    )


def test_it_loses_nothing_and_asks_nothing_twice_when_killed(
    slow_gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    outcomes = tracked(slow_gateway, alice, alices_key, 60, queued_for=0.5, running_for=6)
    with worker(slow_gateway.url) as process:
        until(lambda: Task.objects.exclude(lease_token=None).count() > 40)
        process.kill()
    killed = Task.objects.exclude(lease_token=None).count()
    assert killed > 40
    with worker(slow_gateway.url):
        until(all_ended, within=60)
    assert ended() == outcomes
    assert closest(slow_gateway.log(call="status")) > DELAY
    check_history()


@pytest.mark.parametrize("place", PLACES)
def test_it_survives_being_killed(gateway: Gateway, alice: User, alices_key: ApiKey, place: str) -> None:
    outcomes = tracked(gateway, alice, alices_key, 16, queued_for=0, running_for=0.1)
    with worker(gateway.url, failpoint=f"{place}:kill") as process:
        assert process.exit_code() == -signal.SIGKILL
    let_leases_end()
    with worker(gateway.url):
        until(all_ended)
    assert ended() == outcomes
    check_history()


@pytest.mark.parametrize("times", [1, 2])
def test_it_gives_everything_back_when_told_to_stop(
    gateway: Gateway, alice: User, alices_key: ApiKey, times: int
) -> None:
    gateway.fault("silent")
    for _ in range(100):
        make_task(alice, alices_key, gateway.add_task("amux+stuck"))
    with worker(gateway.url) as process:
        until(lambda: Task.objects.exclude(lease_token=None).count() == 100)
        code, seconds = process.terminate(times)
    assert code == 0
    assert seconds < 5
    assert Task.objects.due(timezone.now()).count() == 100
    assert not PollerHeartbeat.objects.exists()


def test_it_shows_that_it_is_alive(gateway: Gateway, alices_key: ApiKey) -> None:
    with worker(gateway.url):
        until(lambda: PollerHeartbeat.objects.alive(timezone.now()).count() == 1)
