"""Ticks, the maximum age of streams, stuck readers, and lost permissions."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from dashboard.live import sse, viewers
from dashboard.live.consumers import UNSENT
from dashboard.live.heartbeat import LIFE, SEND_DEADLINE, SILENCE
from dashboard.live.hub import hub
from dashboard.live.mailbox import CHUNK, MAX_EVENTS, Mailbox, QueuedEvent
from dashboard.live.viewers import StreamViewer
from dashboard.runtime import server as product
from tests.live.conftest import Listen, cookie_of, in_loop, new_task, read_by_hub, relabel
from tests.support.wait import until


def later(seconds: float) -> None:
    """Runs the heartbeat's check as if `seconds` had passed."""
    in_loop(lambda: hub.heartbeat.check_streams(time.monotonic() + seconds))


def test_it_ticks_in_silence(listen: Listen, alice: User) -> None:
    cursor = read_by_hub(relabel(new_task(alice), "last"))
    stream = listen(alice)
    later(SILENCE)
    tick = stream.wait_for("tick")
    assert tick.last_event_id == str(cursor)
    assert abs(datetime.fromisoformat(json.loads(tick.data)["at"]) - datetime.now(UTC)) < timedelta(seconds=5)


def test_it_does_not_tick_over_news(listen: Listen, alice: User) -> None:
    stream = listen(alice)
    later(SILENCE - 2)
    relabel(new_task(alice), "news")
    stream.wait_for("task")
    assert [event.type for event in stream.seen].count("tick") == 1


def test_it_ends_a_stream_that_is_old(listen: Listen, alice: User) -> None:
    stream = listen(alice)
    later(LIFE + 1)
    assert json.loads(stream.wait_for("close").data)["retry_ms"] <= 5_000
    assert stream.rest() == []


def sign_out(user: User) -> None:
    Session.objects.all().delete()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def new_password(user: User) -> None:
    user.set_password("another one")
    user.save()


def new_role(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)


def expire(user: User) -> None:
    Session.objects.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))


@pytest.mark.parametrize("lose", [sign_out, deactivate, new_password, expire])
def test_it_ends_with_the_right_to_it(listen: Listen, alice: User, lose: object) -> None:
    stream = listen(alice)
    assert callable(lose)
    lose(alice)
    in_loop(hub.heartbeat.recheck_access)
    relabel(new_task(alice), "after the end")
    assert [event.type for event in stream.rest()] == ["close"]


def test_it_has_the_page_fetched_again_when_its_member_may_see_more_or_less(listen: Listen, alice: User) -> None:
    stream = listen(alice)
    new_role(alice)
    in_loop(hub.heartbeat.recheck_access)
    relabel(new_task(alice), "after the end")
    assert [event.type for event in stream.rest()] == ["resync", "close"]


def test_it_leaves_the_others_alone(listen: Listen, alice: User, bob: User) -> None:
    listen(alice)
    stream = listen(bob)
    deactivate(alice)
    in_loop(hub.heartbeat.recheck_access)
    relabel(new_task(bob), "still here")
    assert stream.wait_for("task")


def test_it_asks_two_queries_about_everybody(alice: User, bob: User) -> None:
    keys = [sessions.session_key_in(cookie_of(user)) for user in (alice, bob, alice)]
    present = [viewers.viewer_of(key) for key in keys]
    with CaptureQueriesContext(connection) as queries:
        assert viewers.find_ended([viewer for viewer in present if viewer is not None]) == {}
    assert len(queries) == 2


def test_it_asks_two_queries_about_a_newcomer(alice: User) -> None:
    key = sessions.session_key_in(cookie_of(alice))
    with CaptureQueriesContext(connection) as queries:
        assert isinstance(viewers.viewer_of(key), StreamViewer)
    assert len(queries) == 2


def test_it_drops_a_reader_that_has_stopped(server: product.Server, listen: Listen, alice: User) -> None:
    stream = listen(alice, receive_buffer=4_096)
    (box,) = hub.streams
    events = [QueuedEvent(n, str(n), sse.frame("task", "x" * 10_000, n)) for n in range(1, 2 * MAX_EVENTS)]
    put_all(box, events[:MAX_EVENTS])
    until(lambda: box.sending_since is not None and time.monotonic() - box.sending_since > 0.3)
    put_all(box, events[MAX_EVENTS:])
    (connection,) = server.server_state.connections
    assert len(box) <= MAX_EVENTS
    assert connection.transport.get_write_buffer_size() <= UNSENT + CHUNK + 11_000
    later(SEND_DEADLINE - 1)
    assert len(hub.streams) == 1
    later(SEND_DEADLINE + 1)
    until(lambda: len(hub.streams) == 0 and not server.server_state.connections)
    stream.close()


def put_all(box: Mailbox, events: list[QueuedEvent]) -> None:
    def put() -> None:
        for event in events:
            box.put(event)

    in_loop(put)
