"""Claims: there is one holder at a time, and only the holder can write back."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling import leases
from dashboard.tasks.models import Task
from tests.polling.rounds import answer, asked, at, events_of, seconds_to_next, written_back
from tests.support.cast import make_task


def test_it_claims_the_longest_waiting_first(alice: User, alices_key: ApiKey) -> None:
    now = timezone.now()
    late = [make_task(alice, alices_key, next_poll_at=now - timedelta(seconds=s)) for s in (1, 9, 5)]
    assert [task.pk for task in leases.claim(2, now)] == [late[1].pk, late[2].pk]


def test_it_claims_nothing_that_is_claimed(alices_task: Task) -> None:
    now = at(alices_task, 1)
    assert len(leases.claim(10, now)) == 1
    assert leases.claim(10, now + timedelta(seconds=29)) == []


def test_it_claims_again_once_the_lease_is_over(alices_task: Task) -> None:
    now = at(alices_task, 1)
    first = leases.claim(10, now)
    second = leases.claim(10, now + timedelta(seconds=31))
    assert first[0].pk == second[0].pk
    assert first[0].lease_token != second[0].lease_token


def test_it_refuses_a_write_from_an_earlier_claim(alices_task: Task) -> None:
    now = at(alices_task, 1)
    stale = asked(answer("completed"), now)
    fresh = asked(answer("in_progress"), now + timedelta(seconds=31))
    assert written_back(stale, now + timedelta(seconds=32)).dropped == 1
    assert written_back(fresh, now + timedelta(seconds=33)).changed == 1
    alices_task.refresh_from_db()
    assert (alices_task.status, events_of(alices_task)) == ("in_progress", [(1, "created"), (2, "status")])


def test_it_refuses_an_unchanged_write_from_an_earlier_claim(alices_task: Task) -> None:
    now = at(alices_task, 1)
    Task.objects.filter(pk=alices_task.pk).update(status="in_progress", raw_status="in_progress")
    stale = asked(answer("in_progress"), now)
    Task.objects.filter(pk=alices_task.pk).update(lease_token=uuid.uuid4())
    stats = written_back(stale, now + timedelta(seconds=1))
    assert (stats.unchanged, stats.changed, stats.dropped) == (0, 0, 1)


def test_it_drops_the_older_of_two_polls_in_one_batch(alices_task: Task) -> None:
    now = at(alices_task, 1)
    stale = asked(answer("failed"), now)
    fresh = asked(answer("in_progress"), now + timedelta(seconds=31))
    stats = written_back([*stale, *fresh], now + timedelta(seconds=32))
    alices_task.refresh_from_db()
    assert (alices_task.status, stats.changed, stats.dropped) == ("in_progress", 1, 1)


def test_it_gives_claims_back(alices_task: Task) -> None:
    now = at(alices_task, 1)
    assert leases.release(leases.claim(10, now), now) == 1
    assert len(leases.claim(10, now)) == 1


def test_it_gives_back_only_what_it_still_holds(alices_task: Task) -> None:
    now = at(alices_task, 1)
    lost = leases.claim(10, now)
    held = leases.claim(10, now + timedelta(seconds=31))
    assert leases.release(lost, now) == 0
    alices_task.refresh_from_db()
    assert alices_task.lease_token == held[0].lease_token


def test_it_says_when_the_next_one_is_due(alices_task: Task) -> None:
    soon = at(alices_task, 3)
    Task.objects.filter(pk=alices_task.pk).update(next_poll_at=soon)
    assert leases.claim_due(10, at(alices_task, 1)) == leases.ClaimResult([], soon)


def test_it_comes_up_by_itself_when_its_poller_died(alices_task: Task) -> None:
    now = at(alices_task, 1)
    leases.claim(10, now)
    assert leases.claim_due(10, now).next_at == now + leases.LEASE


@pytest.mark.parametrize("fields", [{"revoked_at": timezone.now()}, {"state": "refused"}])
def test_it_leaves_tasks_alone_whose_key_is_of_no_use(
    alices_task: Task, alices_key: ApiKey, fields: dict[str, object]
) -> None:
    ApiKey.objects.filter(pk=alices_key.pk).update(**fields)
    assert leases.claim(10, at(alices_task, 1)) == []


def test_it_brings_back_what_a_clock_put_out_of_reach(alices_task: Task) -> None:
    now = at(alices_task, 1)
    Task.objects.filter(pk=alices_task.pk).update(next_poll_at=now + timedelta(days=1))
    assert leases.repair_schedule(now) == 1
    assert seconds_to_next(alices_task, now) == 0


def test_it_asks_for_everything_when_the_clock_went_back(alices_task: Task) -> None:
    claimed_at = at(alices_task, 3600)
    leases.claim(10, claimed_at)
    now = at(alices_task, 5)
    leases.repair_schedule(now, clock_went_back=True)
    assert len(leases.claim(10, now)) == 1


@pytest.mark.django_db(transaction=True)
def test_it_gives_each_task_to_one_of_two_who_claim_at_once(alice: User, alices_key: ApiKey) -> None:
    for _ in range(60):
        make_task(alice, alices_key)
    now, got, ready = timezone.now(), list[uuid.UUID](), threading.Barrier(2)

    def claimant() -> None:
        ready.wait()
        while found := leases.claim(7, now):
            got.extend(task.pk for task in found)
        connection.close()

    threads = [threading.Thread(target=claimant) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(set(got))) == (60, 60)
