"""Removed tasks: not on the board, neither polled nor shared, until they are restored or deleted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.live import event_reader
from dashboard.live.registry import everyone
from dashboard.live.viewers import StreamViewer
from dashboard.polling import leases, maintenance
from dashboard.sharing import actions as sharing
from dashboard.tasks import actions, page, states, submission, suspension
from dashboard.tasks.models import Task, TaskEvent
from tests.support.cast import make_task

pytestmark = pytest.mark.django_db


def removed(task: Task) -> Task:
    actions.remove([task])
    task.refresh_from_db()
    return task


def test_it_is_nowhere_but_in_removed(as_alice: Client, as_ada: Client, alices_task: Task) -> None:
    as_alice.post(f"/tasks/{alices_task.pk}/delete")
    href = f'href="/tasks/{alices_task.pk}"'
    for client in (as_alice, as_ada):
        board = client.get("/")
        assert href not in board.content.decode()
        assert board.context["table"].total == 0
        assert href not in client.get(f"/?q={alices_task.upstream_id}").content.decode()
        assert str(alices_task.pk) in client.get("/removed").content.decode()
        for path in ("state", "player", "content", "links"):
            assert client.get(f"/tasks/{alices_task.pk}/{path}").status_code == 404
    for act in ("refresh", "label", "share", "delete"):
        assert as_alice.post(f"/tasks/{alices_task.pk}/{act}", {"label": "x"}).status_code == 404


def test_its_page_says_so_to_who_may_restore_it(as_alice: Client, as_bob: Client, alices_task: Task) -> None:
    removed(alices_task)
    answer = as_alice.get(f"/tasks/{alices_task.pk}")
    assert answer.status_code == 410
    assert "This task was removed" in answer.content.decode()
    assert as_bob.get(f"/tasks/{alices_task.pk}").status_code == 404


def test_it_is_not_polled(alices_task: Task) -> None:
    now = timezone.now()
    Task.objects.update(next_poll_at=now)
    claimed = leases.claim(10, now)
    assert len(claimed) == 1
    removed(alices_task)
    assert leases.release(claimed, now) == 0
    Task.objects.update(next_poll_at=now)  # as after the answer to a request that was in progress
    assert leases.claim(10, now) == []
    actions.restore([alices_task])
    assert len(leases.claim(10, timezone.now())) == 1


def test_no_key_that_is_usable_again_wakes_it(alices_task: Task) -> None:
    Task.objects.update(condition=states.NO_KEY, condition_since=timezone.now(), next_poll_at=None)
    removed(alices_task)
    suspension.reconcile_with_keys(timezone.now())
    alices_task.refresh_from_db()
    assert (alices_task.condition, alices_task.next_poll_at) == (states.NO_KEY, None)
    actions.restore([alices_task])
    suspension.reconcile_with_keys(timezone.now())
    alices_task.refresh_from_db()
    assert alices_task.next_poll_at is not None


def test_its_links_rest(as_bob: Client, alice: User, alices_task: Task) -> None:
    _, token = sharing.share(alices_task, alice)
    removed(alices_task)
    assert as_bob.get(f"/s/{token}").status_code == 410
    with pytest.raises(Task.DoesNotExist):
        sharing.share(alices_task, alice)
    actions.restore([alices_task])
    assert as_bob.get(f"/s/{token}").status_code == 200


def test_streams_hear_that_it_goes_and_that_it_comes_back(alice: User, alices_task: Task) -> None:
    cursor = TaskEvent.objects.last_cursor()
    removed(alices_task)
    gone = event_reader.page_after(cursor, everyone())
    assert [b"event: gone" in change.for_editors["en"].frame for change in gone.changes] == [True]
    assert gone.recount == {alice.pk}
    viewer = StreamViewer(alice.pk, is_admin=False, session_key="", auth_hash="")
    assert event_reader.counts({viewer})[viewer].startswith('{"me": {"queued": 0')
    actions.restore([alices_task])
    back = event_reader.page_after(gone.cursor, everyone())
    assert [b"event: task" in change.for_editors["en"].frame for change in back.changes] == [True]
    titles = [entry.title for entry in page.timeline(Task.objects.get())]
    assert titles[-2:] == ["Removed", "Restored"]


def test_undo_restores_what_that_act_has_removed(
    as_alice: Client, as_bob: Client, alice: User, alices_key: ApiKey
) -> None:
    earlier, one, two = (make_task(alice, alices_key) for _ in range(3))
    removed(earlier)
    answer = as_alice.post("/tasks/bulk/delete", {"ids": [str(one.pk), str(two.pk)], "confirmed": "on"}, follow=True)
    (message,) = answer.context["messages"]
    assert str(message) == "2 tasks removed."
    assert f'action="{message.extra_tags}"' in answer.content.decode()
    as_bob.post(message.extra_tags)
    assert Task.objects.removed().count() == 3
    as_alice.post(message.extra_tags)
    assert [task.pk for task in Task.objects.removed()] == [earlier.pk]
    told = as_alice.post(message.extra_tags, headers={"HX-Request": "true"}).headers["HX-Trigger"]
    assert "There's nothing to restore." in told


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-11-27T04:00:00", "2026-99-27T04:00:00+00:00"])
def test_undo_of_no_act_restores_nothing(as_alice: Client, alices_task: Task, moment: str) -> None:
    removed(alices_task)
    assert as_alice.post("/removed/restore", query_params={"removed_at": moment}).status_code == 302
    assert Task.objects.removed().exists()


def test_a_bulk_removal_is_asked_for(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post("/tasks/bulk/delete", {"ids": str(alices_task.pk)})
    assert "Remove this task?" in answer.content.decode()
    assert "You can restore it for 7 days." in " ".join(answer.content.decode().split())
    assert not Task.objects.removed().exists()


def test_who_tracks_it_again_has_it_back(as_alice: Client, alices_task: Task) -> None:
    removed(alices_task)
    answer = as_alice.post("/tasks/track", {"task_ids": alices_task.upstream_id}, follow=True)
    assert "was restored from Removed." in answer.content.decode()
    assert not Task.objects.removed().exists()


def test_an_answer_that_comes_after_its_removal_is_kept(alice: User, alices_key: ApiKey) -> None:
    """The request was in progress, and the video is paid for."""
    task = removed(make_task(alice, alices_key, condition=states.SUBMITTING, origin="created"))
    Task.objects.update(upstream_id="")
    task.refresh_from_db()
    assert actions.delete_expired(timezone.now() + timedelta(days=8)) == 0
    submission._accept(task, "task-paid-for", "{}", 200)
    assert leases.claim(10, timezone.now() + timedelta(hours=1)) == []
    actions.restore([task])
    assert [one.upstream_id for one in leases.claim(10, timezone.now())] == ["task-paid-for"]


def test_what_is_on_its_way_is_not_deleted(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    task = removed(make_task(alice, alices_key, condition=states.SUBMITTING))
    as_alice.post("/removed/delete", {"ids": str(task.pk), "confirmed": "on"})
    assert Task.objects.filter(pk=task.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_deleted_a_week_later(alices_task: Task) -> None:
    removed(alices_task)
    maintenance.prune(timezone.now() + actions.RETENTION - timedelta(minutes=1))
    assert Task.objects.exists()
    maintenance.prune(timezone.now() + actions.RETENTION + timedelta(minutes=1))
    assert not Task.objects.exists()


def test_deleting_for_good_asks_first_and_takes_nothing_from_the_board(
    as_alice: Client, as_ada: Client, as_bob: Client, alice: User, alices_key: ApiKey
) -> None:
    kept, gone = make_task(alice, alices_key), removed(make_task(alice, alices_key))
    everything = {"all": "on", "confirmed": "on"}
    as_bob.post("/removed/delete", everything)
    question = " ".join(as_ada.post("/removed/delete", {"all": "on"}).content.decode().split())
    assert "Delete 1 task permanently?" in question
    assert "It's someone else's." in question
    as_alice.post("/removed/delete", {"ids": [str(kept.pk), str(gone.pk)], "confirmed": "on"})
    assert [task.pk for task in Task.objects.all()] == [kept.pk]


def test_the_page_has_fifty_and_says_of_how_many(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    actions.remove([make_task(alice, alices_key) for _ in range(60)])
    first = " ".join(as_alice.get("/removed").content.decode().split())
    assert "1–50 of 60" in first
    last = " ".join(as_alice.get("/removed?page=2").content.decode().split())
    assert "51–60 of 60" in last
    assert last.count('class="title truncate"') == 10
    assert as_alice.get("/removed?page=nonsense").status_code == 200


def test_its_key_is_not_needed_for_it(alice: User, alices_task: Task) -> None:
    assert Task.objects.unfinished().with_keys_of(alice).count() == 1
    removed(alices_task)
    assert Task.objects.unfinished().with_keys_of(alice).count() == 0
