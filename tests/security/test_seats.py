"""Nobody holds a seat without reading: there is a deadline, access is rechecked, and stalled players make room."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic

import pytest
from django.contrib.sessions.models import Session
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.content import access_recheck, seats
from dashboard.demo import video_files
from dashboard.sharing import actions as sharing
from dashboard.tasks.models import Task
from tests.content.conftest import Videoed, alice, known_gateway, videoed
from tests.security.players import SIZE, player, port, rest_of, status_of, video
from tests.support.gateway import Gateway
from tests.support.wait import until

__all__ = ["alice", "known_gateway", "port", "video", "videoed"]


def path_of(video: Task) -> str:
    return f"/tasks/{video.pk}/content"


def test_it_drops_a_player_that_takes_nothing(port: int, video: Task, settings: Settings) -> None:
    settings.SEND_DEADLINE = 1.0
    with player(port, video.owner, path_of(video)) as stalled:
        until(lambda: seats.taken() == 0, 8)
        assert rest_of(stalled) < SIZE / 2


def test_it_closes_the_gateways_video_with_a_player_that_takes_nothing(
    port: int, videoed: Videoed, gateway: Gateway, settings: Settings
) -> None:
    settings.SEND_DEADLINE = 1.0
    video_files.make_bytes(gateway.videos_dir, "large", SIZE)
    video = videoed(video="large")
    with player(port, video.owner, path_of(video)):
        until(lambda: gateway.connections() == [] and seats.taken() == 0, 8)


def test_it_bears_with_a_slow_download(port: int, video: Task, settings: Settings) -> None:
    settings.SEND_DEADLINE = 1.5
    with player(port, video.owner, f"{path_of(video)}?download=1") as slow:
        end = monotonic() + 5
        while monotonic() < end:
            assert slow.recv(20_000)
            time.sleep(0.05)  # its speed
        assert seats.taken() == 1


def test_its_deadlines_are_the_ones_that_were_promised(settings: Settings) -> None:
    assert settings.SEND_DEADLINE == 30
    assert access_recheck.RECHECK_EVERY <= 12  # and the check takes some time: 15 s in total


def sign_out(video: Task) -> None:
    Session.objects.all().delete()


def deactivate(video: Task) -> None:
    User.objects.update(is_active=False)


@pytest.mark.parametrize("lose", [sign_out, deactivate])
def test_it_ends_with_the_right_to_it_while_nobody_reads(
    port: int, video: Task, monkeypatch: pytest.MonkeyPatch, lose: Callable[[Task], None]
) -> None:
    monkeypatch.setattr(access_recheck, "RECHECK_EVERY", 0.2)
    with player(port, video.owner, path_of(video)) as stalled:
        lose(video)
        until(lambda: seats.taken() == 0, 5)
        assert rest_of(stalled) < SIZE / 2


def test_it_ends_with_its_link_while_nobody_reads(port: int, video: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_recheck, "RECHECK_EVERY", 0.2)
    link, token = sharing.share(video, video.owner)
    with player(port, User.objects.create_user("bob"), f"/s/{token}/content"):
        sharing.revoke(link)
        until(lambda: seats.taken() == 0, 5)


def test_the_longest_stalled_gives_way_to_somebody_new(port: int, video: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "STALLED", 1.0, raising=False)
    crowd = [User.objects.create_user(f"crowd-{number}", is_staff=True) for number in range(8)]
    with ExitStack() as stack:
        first = stack.enter_context(player(port, crowd[0], path_of(video)))
        for number in range(1, 32):
            stack.enter_context(player(port, crowd[number // 4], path_of(video)))
        assert seats.taken() == 32
        until(lambda: status_of(port, video.owner, path_of(video)) == 200, 8)
        assert rest_of(first) < SIZE / 2


def test_nobody_gives_way_who_has_just_read(port: int, video: Task) -> None:
    crowd = [User.objects.create_user(f"crowd-{number}", is_staff=True) for number in range(8)]
    with ExitStack() as stack:
        for number in range(32):
            stack.enter_context(player(port, crowd[number // 4], path_of(video)))
        assert status_of(port, video.owner, path_of(video)) == 503
        assert seats.taken() == 32
