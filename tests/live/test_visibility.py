"""Nobody gets a frame of a task that they may not see, neither live nor later."""

import pytest
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.live.registry import StreamRegistry
from dashboard.live.viewers import StreamViewer
from dashboard.tasks.models import Task
from dashboard.tasks.visibility import can_see
from tests.live.conftest import Listen, new_task, read_by_hub, relabel
from tests.support.tasks import store_task


def test_it_keeps_a_task_from_strangers(listen: Listen, alice: User, bob: User) -> None:
    theirs = new_task(alice, prompt="alice's secret")
    mine = new_task(bob)
    stream = listen(bob)
    relabel(theirs, "alice's secret")
    relabel(mine, "for bob")
    assert "for bob" in stream.wait_for("task").data
    assert not any("alice" in event.data or str(theirs.pk) in event.data for event in stream.seen)


def test_it_keeps_it_from_them_in_a_replay(listen: Listen, alice: User, bob: User) -> None:
    mine = new_task(bob)
    before = relabel(mine, "before")
    theirs = new_task(alice, prompt="alice's secret")
    relabel(theirs, "alice's secret")
    read_by_hub(relabel(mine, "for bob"))
    stream = listen(bob, since=before)
    assert [event.type for event in stream.seen if event.type != "counts"] == ["task", "tick"]
    assert "for bob" in stream.seen[0].data


def test_it_shows_everything_to_admins(listen: Listen, alice: User, admin: User) -> None:
    task = new_task(alice)
    stream = listen(admin)
    relabel(task, "Seen")
    assert "Seen" in stream.wait_for("task").data


def test_it_shows_a_team_everything_without_letting_it_change(
    listen: Listen, alice: User, bob: User, settings: Settings
) -> None:
    settings.VISIBILITY = "team"
    task = new_task(alice)
    hers, his = listen(alice), listen(bob)
    relabel(task, "Ours")
    assert "Generate again" in hers.wait_for("task").data
    seen = his.wait_for("task").data
    assert "Ours" in seen
    assert "Generate again" not in seen


@pytest.mark.parametrize("visibility", ["private", "team"])
def test_it_has_one_rule(visibility: str, settings: Settings, alice: User, bob: User, admin: User) -> None:
    settings.VISIBILITY = visibility
    room = StreamRegistry()
    users = (alice, bob, admin)
    boxes = {user: room.open(StreamViewer(user.pk, user.is_admin, "s", "h"), 0, lambda: None) for user in users}
    for owner in users:
        store_task(owner=owner)
        told = set(room.viewers_of(owner.pk))
        for user in users:
            listed = Task.objects.visible_to(user).filter(owner=owner).exists()
            assert can_see(user, owner.pk) == listed == (boxes[user] in told)
