"""`/metrics`: the numbers are correct, and not public."""

from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from dashboard.health import prometheus, snapshot
from dashboard.keys.models import ApiKey
from dashboard.polling import leases, models
from dashboard.polling.metrics import PollerMetrics, poller_metrics
from dashboard.tasks.models import Task
from dashboard.upstream.errors import KeyRefused, TimedOut
from tests.support.event_source import Stream
from tests.support.metrics import Samples, samples
from tests.support.processes import ServerProcess


def read() -> Samples:
    return samples(prometheus.text(snapshot.read()).decode())


def late_task(alices_task: Task, seconds: float) -> Task:
    Task.objects.filter(pk=alices_task.pk).update(next_poll_at=timezone.now() - timedelta(seconds=seconds))
    return alices_task


def test_it_counts_tasks_by_condition_as_long_as_they_run(alices_task: Task) -> None:
    Task.objects.filter(pk=alices_task.pk).update(status="in_progress", condition="overdue")
    assert read()[("reelboard_tasks", "overdue", "in_progress")] == 1
    Task.objects.filter(pk=alices_task.pk).update(status="completed", condition="")
    assert read()[("reelboard_tasks", "", "completed")] == 1
    assert ("reelboard_tasks", "overdue", "in_progress") not in read()


def test_it_tells_how_far_polling_lags(alices_task: Task) -> None:
    late_task(alices_task, 90)
    assert 90 <= read()[("reelboard_poll_lag_seconds",)] < 95


def test_it_does_not_call_a_resting_key_a_lag(alices_task: Task, alices_key: ApiKey) -> None:
    late_task(alices_task, 90)
    ApiKey.objects.filter(pk=alices_key.pk).update(backoff_until=timezone.now() + timedelta(minutes=5))
    assert read()[("reelboard_poll_lag_seconds",)] == 0


def test_it_tells_what_a_poller_has_counted(db: None) -> None:
    counted = PollerMetrics()
    for error in (None, None, KeyRefused("no"), TimedOut("late")):
        counted.count_result(error)
    counted.late.extend([0.5, 0.5, 4.0])
    told = {**counted.as_dict(), "notification_failures": 3}
    models.record_heartbeat("host:1:ab", timezone.now() - timedelta(seconds=7), polls=4, in_flight=2, metrics=told)
    found = read()
    assert found[("reelboard_polls_total", "answered", "host:1:ab")] == 2
    assert found[("reelboard_polls_total", "key_refused", "host:1:ab")] == 1
    assert found[("reelboard_polls_total", "timed_out", "host:1:ab")] == 1
    assert found[("reelboard_polls_in_flight", "host:1:ab")] == 2
    assert found[("reelboard_poll_late_seconds", "host:1:ab", "0.99")] == 4
    assert found[("reelboard_poller_notification_failures_total", "host:1:ab")] == 3
    assert 7 <= found[("reelboard_poller_heartbeat_age_seconds", "host:1:ab")] < 10


def test_it_forgets_a_poller_without_a_sign_of_life(db: None) -> None:
    models.record_heartbeat("gone", timezone.now() - timedelta(minutes=1), polls=1, in_flight=0)
    assert read()[("reelboard_pollers",)] == 0


def test_it_counts_a_lease_that_was_taken_over(alices_task: Task) -> None:
    late_task(alices_task, 1)
    before = poller_metrics.reclaimed
    leases.claim(10, timezone.now())
    assert poller_metrics.reclaimed == before
    leases.claim(10, timezone.now() + 2 * leases.LEASE)
    assert poller_metrics.reclaimed == before + 1


def test_its_cost_does_not_grow(
    alices_task: Task, alices_key: ApiKey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Task.objects.bulk_create(
        Task(owner=alices_task.owner, key=alices_key, upstream_id=f"t-{number}") for number in range(200)
    )
    with django_assert_num_queries(4):
        snapshot.read()


def test_it_says_when_the_database_does_not_answer() -> None:
    found = samples(prometheus.text(None).decode())
    assert found[("reelboard_database_up",)] == 0
    assert ("reelboard_streams_open",) in found
    assert ("reelboard_pollers",) not in found


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.7", "2001:db8::7", "", "testclient"])
def test_it_is_hidden_from_other_machines(client: Client, db: None, address: str) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"])
def test_it_is_hidden_behind_a_proxy_on_this_machine(client: Client, db: None, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer open-sesame", 200), ("Bearer open-sesam", 404), ("open-sesame", 404), ("Bearer ö", 404), ("", 404)],
)
def test_a_token_opens_it_to_whoever_has_it(
    client: Client, db: None, settings: Settings, given: str, status: int
) -> None:
    settings.METRICS_TOKEN = "open-sesame"
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers={"Authorization": given})
    assert answer.status_code == status


def test_it_takes_only_get(client: Client, db: None) -> None:
    assert client.post("/metrics").status_code == 405


@pytest.mark.server
def test_it_counts_streams_and_frames(process: ServerProcess) -> None:
    process.env = {"POLLER": "embedded"}
    process.start()
    stream = Stream(process.port, {"Cookie": process.session("alice")}, "/events")
    stream.wait_for("tick")
    answer = httpx.get(f"{process.url}/metrics", timeout=60)
    found = samples(answer.text)
    stream.close()
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert found[("reelboard_streams_open",)] == 1
    assert found[("reelboard_stream_frames_sent_total",)] >= 1
    assert found[("reelboard_database_up",)] == 1
    assert found[("process_resident_memory_bytes",)] > 0


@pytest.mark.server
def test_it_shows_a_poller_that_has_no_port(process: ServerProcess) -> None:
    process.start()
    now = timezone.now().strftime("%Y-%m-%d %H:%M:%S")
    process.act(
        "rows",
        sql="INSERT INTO poller_beat (name, started_at, at, polls, in_flight, figures) "
        f"VALUES ('far:1', '{now}', '{now}', 5, 1, '{{\"outcomes\": {{\"answered\": 5}}}}') RETURNING name",
    )
    process.eventually(lambda: 'poller="far:1"' in httpx.get(f"{process.url}/metrics", timeout=60).text)


@pytest.mark.server
def test_it_answers_without_its_database(process: ServerProcess) -> None:
    process.start()
    for path in process.data_dir.glob("reelboard.sqlite3*"):
        path.unlink()
    found = samples(httpx.get(f"{process.url}/metrics", timeout=60).text)
    assert found[("reelboard_database_up",)] == 0
