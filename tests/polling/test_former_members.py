"""The keys of a closed account are not used until it is opened again."""

import itertools

import pytest
from django.utils import timezone

from dashboard.accounts import actions
from dashboard.accounts.models import User
from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.polling import leases
from dashboard.tasks import closed_accounts, suspension
from dashboard.tasks.models import Task
from tests.polling.rounds import at
from tests.support.tasks import change_task


def test_nothing_is_asked_with_the_key_of_a_closed_account(alice: User, alices_task: Task) -> None:
    now = at(alices_task, 1)
    actions.set_active(alice, False)
    assert leases.claim(10, now) == []
    suspension.reconcile_with_keys(now)
    alices_task.refresh_from_db()
    assert (alices_task.condition, alices_task.next_poll_at) == ("no_key", None)


def test_asking_goes_on_to_the_end_where_the_admin_wants_it(alice: User, alices_task: Task) -> None:
    now = at(alices_task, 1)
    actions.set_active(alice, False, finish=True)
    assert suspension.reconcile_with_keys(now) == 0
    assert [task.pk for task in leases.claim(10, now)] == [alices_task.pk]


@pytest.mark.parametrize("end", ["completed and copied", "failed", "given up", "deleted", "too long ago"])
def test_it_is_over_with_the_last_task(alice: User, alices_task: Task, end: str) -> None:
    actions.set_active(alice, False, finish=True)
    ends: dict[str, dict[str, object]] = {
        "completed and copied": {"status": "completed", "copy_state": "kept"},
        "failed": {"status": "failed"},
        "given up": {"condition": "not_found", "next_poll_at": None},
    }
    if end == "deleted":
        Task.objects.all().delete()
    elif end == "too long ago":
        User.objects.filter(pk=alice.pk).update(finishing_since=at(alices_task, -18 * 86400))
    else:
        change_task(alices_task, **ends[end])
    assert closed_accounts.end_finished(at(alices_task, 1)) == 1
    alice.refresh_from_db()
    assert alice.finishing_since is None


@pytest.mark.parametrize("state", [{"status": "completed"}, {"condition": "key_refused", "next_poll_at": None}])
def test_it_is_not_over_while_something_may_still_come(
    alice: User, alices_task: Task, state: dict[str, object]
) -> None:
    actions.set_active(alice, False, finish=True)
    change_task(alices_task, **state)
    assert closed_accounts.end_finished(at(alices_task, 1)) == 0


def test_letting_in_again_ends_it(alice: User, alices_task: Task) -> None:
    actions.set_active(alice, False, finish=True)
    actions.set_active(alice, True)
    alice.refresh_from_db()
    assert (alice.is_active, alice.finishing_since) == (True, None)


def test_a_refused_key_of_a_closed_account_is_not_waited_for(
    alice: User, alices_key: ApiKey, alices_task: Task
) -> None:
    now = at(alices_task, 1)
    ApiKey.objects.update(state="refused")
    suspension.reconcile_with_keys(now)
    actions.set_active(alice, False)
    suspension.reconcile_with_keys(now)
    alices_task.refresh_from_db()
    assert alices_task.condition == "no_key"


def test_the_rule_is_the_same_for_keys_and_queries(alice: User, alices_key: ApiKey) -> None:
    for is_active, finishing, revoked in itertools.product(
        (True, False), (None, timezone.now()), (None, timezone.now())
    ):
        User.objects.filter(pk=alice.pk).update(is_active=is_active, finishing_since=finishing)
        ApiKey.objects.update(revoked_at=revoked)
        for to_finish in (True, False):
            found = ApiKey.objects.filter(usage.usable(to_finish=to_finish)).exists()
            assert found == usage.is_usable(ApiKey.objects.get(), to_finish=to_finish)


def test_asking_goes_on_when_the_member_is_let_in_again(alice: User, alices_task: Task) -> None:
    now = at(alices_task, 1)
    actions.set_active(alice, False)
    suspension.reconcile_with_keys(now)
    actions.set_active(alice, True)
    suspension.reconcile_with_keys(now)
    alices_task.refresh_from_db()
    assert alices_task.condition == ""
    assert [task.pk for task in leases.claim(10, now)] == [alices_task.pk]
