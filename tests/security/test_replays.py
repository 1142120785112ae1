"""A member who reconnects again and again, with an old cursor each time, doesn't delay anyone else."""

from contextlib import ExitStack, closing

import pytest

from dashboard.accounts.models import User
from dashboard.live import replay_queue
from dashboard.live.hub import hub
from dashboard.live.replay_queue import Replays, TooManyReplays
from dashboard.tasks import writes
from dashboard.tasks.models import Task, TaskEvent
from tests.live.conftest import alice, bob, cookie_of, in_loop, new_task, port, read_by_hub, relabel, server
from tests.support.event_source import Stream
from tests.support.wait import until

__all__ = ["alice", "bob", "port", "server"]


def tasks_after_a_cursor(owner: User, number: int) -> int:
    """Returns the cursor before the changes of that many tasks."""
    cursor = relabel(new_task(owner), "before")
    tasks = Task.objects.bulk_create(Task(owner=owner, upstream_id=f"{owner.pk}-{n}") for n in range(number))
    writes.record_events([writes.event_of(task, TaskEvent.Kind.CREATED) for task in tasks])
    return cursor


def test_others_do_not_wait_for_one_members_replays(port: int, alice: User, bob: User) -> None:
    hers, his = tasks_after_a_cursor(alice, 300), tasks_after_a_cursor(bob, 1)
    read_by_hub(TaskEvent.objects.last_cursor())
    cookie, other_cookie = {"Cookie": cookie_of(alice)}, {"Cookie": cookie_of(bob)}
    with ExitStack() as stack:
        streams = [stack.enter_context(closing(Stream(port, cookie, f"/events?since={hers}"))) for _ in range(10)]
        his_stream = stack.enter_context(closing(Stream(port, other_cookie, f"/events?since={his}")))
        assert his_stream.wait_for("task")
        waiting = in_loop(lambda: sum(box.taken == 0 for box in hub.streams if box.viewer.pk == alice.pk))
        assert waiting > 3
        for stream in streams:  # alice's streams also get everything in the end
            stream.wait_for("tick", 60)
            assert sum(event.type == "task" for event in stream.seen) == 300


def test_a_member_is_told_to_come_again_later(port: int, alice: User) -> None:
    cursor = tasks_after_a_cursor(alice, 1)
    read_by_hub(TaskEvent.objects.last_cursor())
    cookie = {"Cookie": cookie_of(alice)}
    answers = []
    for _ in range(150):
        with closing(Stream(port, cookie, f"/events?since={cursor}")) as stream:
            answers.append((stream.status, stream.response.headers["Retry-After"]))
    assert {status for status, _ in answers} == {200, 429}
    assert sum(status == 200 for status, _ in answers) < 2 * replay_queue.BURST
    assert {int(after) for status, after in answers if status == 429} <= {1, 2, 3, 4}


def test_a_new_start_is_always_had(port: int, alice: User) -> None:
    cookie = {"Cookie": cookie_of(alice)}
    for _ in range(replay_queue.BURST + 5):
        with closing(Stream(port, cookie)) as stream:
            assert stream.status == 200
    until(lambda: len(hub.streams) == 0)


async def test_the_wait_it_names_is_long_enough() -> None:
    clock = [0.0]
    given = Replays(now=lambda: clock[0])
    for _ in range(replay_queue.BURST):
        given.admit(1)
    with pytest.raises(TooManyReplays) as refused:
        given.admit(1)
    given.admit(2)
    clock[0] += refused.value.retry_after
    given.admit(1)  # the request for the reason
    given.admit(1)
    given.stop()
