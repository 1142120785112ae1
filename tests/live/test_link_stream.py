"""The stream behind a share link reports that its task has changed, and nothing else."""

from collections.abc import Callable, Iterator

import pytest

from dashboard.accounts.models import User
from dashboard.live.hub import hub
from dashboard.sharing import actions as sharing
from dashboard.sharing.models import ShareLink
from dashboard.tasks import actions
from dashboard.tasks.models import Task
from tests.live.conftest import cookie_of, in_loop, new_task, relabel
from tests.support.event_source import Stream

Follow = Callable[[User, str], Stream]


@pytest.fixture
def follow(port: int) -> Iterator[Follow]:
    streams: list[Stream] = []

    def opened(user: User, token: str) -> Stream:
        streams.append(Stream(port, {"Cookie": cookie_of(user)}, f"/s/{token}/events"))
        return streams[-1]

    yield opened
    for stream in streams:
        stream.close()


def link_to(task: Task, user: User) -> str:
    return sharing.share(task, user)[1]


def test_it_says_that_its_task_has_changed_and_not_how(follow: Follow, alice: User, bob: User) -> None:
    task, other = new_task(alice, label="secret"), new_task(alice)
    stream = follow(bob, link_to(task, alice))
    stream.wait_for("tick")
    relabel(other, "elsewhere")
    cursor = relabel(task, "still secret")
    changed = [stream.wait_for("changed")]
    while changed[-1].last_event_id != str(cursor):  # the task's creation may arrive first
        changed.append(stream.wait_for("changed"))
    assert {event.data for event in changed} == {"{}"}
    assert {event.type for event in stream.seen} <= {"changed", "tick"}
    assert not any("secret" in event.data for event in stream.seen)


def test_it_begins_by_saying_that_something_may_have_changed(follow: Follow, alice: User, bob: User) -> None:
    stream = follow(bob, link_to(new_task(alice), alice))
    stream.wait_for("changed")


@pytest.mark.parametrize("end", ["revoked", "removed", "its maker left"])
def test_it_ends_with_its_link(follow: Follow, alice: User, bob: User, end: str) -> None:
    task = new_task(alice)
    stream = follow(bob, link_to(task, alice))
    stream.wait_for("tick")
    if end == "revoked":
        sharing.revoke(ShareLink.objects.get())
    elif end == "removed":
        actions.remove([task])
    else:
        User.objects.filter(pk=alice.pk).update(is_active=False)
    in_loop(hub.heartbeat.recheck_access)
    stream.wait_for("close")
    assert follow(bob, ShareLink.objects.get().token_hash).status == 404


def test_a_link_that_is_none_has_no_stream(follow: Follow, alice: User, bob: User) -> None:
    token = link_to(new_task(alice), alice)
    sharing.revoke(ShareLink.objects.get())
    assert [follow(bob, one).status for one in (token, "nonsense")] == [404, 404]


def test_nobody_reads_along_without_a_session(port: int, alice: User) -> None:
    token = link_to(new_task(alice), alice)
    stream = Stream(port, {}, f"/s/{token}/events")
    assert stream.status == 401
    stream.close()


def test_it_leaves_the_member_their_own_streams(follow: Follow, alice: User, bob: User) -> None:
    token = link_to(new_task(alice), alice)
    for _ in range(12):
        stream = follow(bob, token)
        stream.wait_for("tick")
    assert len(hub.streams) <= 12
    assert not hub.streams.audience()
