"""Whom the tasks of a member go to who leaves, searching members, and asking before there is another admin."""

import pytest
from django.test import Client

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, writes
from dashboard.tasks.models import Task, TaskEvent
from tests.support.cast import make_task, member


def closing(user: User, **fields: object) -> dict[str, object]:
    return {"active": "off", "confirmed": "on", "finish": "on"} | fields


def test_the_page_asks_to_whom_they_go(as_ada: Client, alice: User, alices_task: Task) -> None:
    page = as_ada.post(f"/people/{alice.pk}/active", {"active": "off"}).content.decode()
    assert "Transfer tasks to" in page
    assert "Don&#x27;t transfer" in page


def test_they_go_to_the_one_who_was_chosen(
    as_ada: Client, as_bob: Client, alice: User, bob: User, alices_task: Task
) -> None:
    actions.set_tags(alices_task, ["launch"])
    as_ada.post(f"/people/{alice.pk}/active", closing(alice, to=bob.pk))
    task = Task.objects.get()
    assert task.owner == bob
    assert [tag.name for tag in task.tags.all()] == ["launch"]
    assert as_bob.get(f"/tasks/{task.pk}").status_code == 200
    event = TaskEvent.objects.order_by("pk").last()
    assert event is not None
    assert (event.kind, event.owner_id, event.version, event.detail) == ("owner", bob.pk, task.version, bob.name)
    assert "New owner" in as_bob.get(f"/tasks/{task.pk}").content.decode()
    alice.refresh_from_db()
    assert not alice.is_active


def test_they_stay_where_nobody_was_chosen(as_ada: Client, alice: User, alices_task: Task) -> None:
    as_ada.post(f"/people/{alice.pk}/active", closing(alice, to=""))
    assert Task.objects.get().owner == alice


def test_they_can_be_transferred_later(as_ada: Client, alice: User, bob: User, alices_task: Task) -> None:
    account_actions.set_active(alice, False)
    assert f"/people/{alice.pk}/transfer" in as_ada.get("/people/").content.decode()
    assert "Transfer tasks" in as_ada.get(f"/people/{alice.pk}/transfer").content.decode()
    assert as_ada.post(f"/people/{alice.pk}/transfer", {"to": ""}).status_code == 422
    assert as_ada.post(f"/people/{alice.pk}/transfer", {"to": bob.pk}, follow=True).status_code == 200
    assert Task.objects.get().owner == bob


@pytest.mark.parametrize("to", ["themselves", "inactive", "nonsense"])
def test_only_an_active_member_takes_over(as_ada: Client, alice: User, bob: User, alices_task: Task, to: str) -> None:
    bob.is_active = False
    bob.save()
    chosen = {"themselves": alice.pk, "inactive": bob.pk, "nonsense": "x"}[to]
    answer = as_ada.post(f"/people/{alice.pk}/active", closing(alice, to=chosen))
    assert answer.status_code == 422
    assert "Select an active member." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.is_active
    assert Task.objects.get().owner == alice


def test_an_id_that_the_other_tracks_stays(
    as_ada: Client, alice: User, bob: User, alices_key: ApiKey, bobs_key: ApiKey
) -> None:
    for owner, key in ((alice, alices_key), (bob, bobs_key)):
        make_task(owner, key, upstream_id="task-of-both")
    other = make_task(alice, alices_key)
    page = as_ada.post(f"/people/{alice.pk}/active", closing(alice, to=bob.pk), follow=True).content.decode()
    assert "1 task transferred" in page
    assert "1 task stayed" in page
    assert Task.objects.get(pk=other.pk).owner == bob
    assert {task.owner for task in Task.objects.filter(upstream_id="task-of-both")} == {alice, bob}


def test_removed_tasks_stay(alice: User, bob: User, alices_task: Task) -> None:
    actions.remove(Task.objects.filter(pk=alices_task.pk))
    assert actions.transfer(alice, bob) == 0


def test_many_go_in_batches(alice: User, bob: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "BATCH_SIZE", 2)
    for _ in range(5):
        make_task(alice, alices_key)
    assert actions.transfer(alice, bob) == 5
    assert Task.objects.filter(owner=bob).count() == 5


def test_making_an_admin_asks_first(as_ada: Client, bob: User) -> None:
    page = as_ada.post(f"/people/{bob.pk}/role", {"role": "admin"}).content.decode()
    assert "Make bob an admin?" in page
    bob.refresh_from_db()
    assert not bob.is_admin
    as_ada.post(f"/people/{bob.pk}/role", {"role": "admin", "confirmed": "on"})
    bob.refresh_from_db()
    assert bob.is_admin


def test_members_are_found_by_name_and_address(as_ada: Client, ada: User) -> None:
    for number in range(9):
        member(f"member{number}")
    User.objects.filter(username="member3").update(first_name="Robin", email="robin@example.org")
    for words in ("robin", "MEMBER3", "robin example.org"):
        page = as_ada.get("/people/", {"q": words}).content.decode()
        assert "member3</span>" in page
        assert "member4</span>" not in page
    assert "No member matches." in as_ada.get("/people/", {"q": "nobody"}).content.decode()
    assert 'role="search"' in as_ada.get("/people/").content.decode()


def test_a_small_team_has_no_search(as_ada: Client) -> None:
    assert 'id="member-search"' not in as_ada.get("/people/").content.decode()


def test_many_members_come_in_pages(as_ada: Client) -> None:
    User.objects.bulk_create(User(username=f"m{number:03}") for number in range(101))
    first, second = (as_ada.get("/people/", {"page": page, "q": "m"}).content.decode() for page in (1, 2))
    assert first.count('class="member"') == 100
    assert second.count('class="member"') >= 1
    assert "?q=m&amp;page=2" in first
