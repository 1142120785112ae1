"""The keys of a member who was let go rest until the member is let in again."""

from dashboard.accounts import actions
from dashboard.accounts.models import User
from dashboard.polling import leases
from dashboard.tasks import parking
from dashboard.tasks.models import Task
from tests.polling.rounds import at


def test_nothing_is_asked_with_the_key_of_a_member_who_was_let_go(alice: User, alices_task: Task) -> None:
    now = at(alices_task, 1)
    actions.set_active(alice, False)
    assert leases.claim(10, now) == []
    parking.keep_in_step(now)
    alices_task.refresh_from_db()
    assert (alices_task.condition, alices_task.next_poll_at) == ("no_key", None)


def test_asking_goes_on_when_the_member_is_let_in_again(alice: User, alices_task: Task) -> None:
    now = at(alices_task, 1)
    actions.set_active(alice, False)
    parking.keep_in_step(now)
    actions.set_active(alice, True)
    parking.keep_in_step(now)
    alices_task.refresh_from_db()
    assert alices_task.condition == ""
    assert [task.pk for task in leases.claim(10, now)] == [alices_task.pk]
