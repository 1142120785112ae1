"""Videos that break off, are wrong, expire or find no space: retried, never partly visible, explained on the page."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.archive import claims
from dashboard.archive.retry_policy import Failure, next_attempt
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, page
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.videos import files
from tests.archive.conftest import (
    archive_until,
    archiving_videos,
    check_kept,
    copy_of,
    everything_in,
    keep,
    tried,
)
from tests.content.conftest import N, Videoed
from tests.support.gateway import Gateway
from tests.support.wait import until_async

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timedelta(days=3)


def try_once(task: Task) -> None:
    asyncio.run(archive_until(tried(task)))


def fact(task: Task) -> str:
    facts = page.facts(Task.objects.get(pk=task.pk), copy_of(task))
    return next((fact.value for fact in facts if fact.name == "Saved copy"), "")


def test_it_says_since_when_a_video_is_kept(videoed: Videoed) -> None:
    task = videoed()
    assert fact(task) == ""
    keep(task)
    assert fact(task).startswith("Yes, ")
    assert page.timeline(task)[-1].detail == "The video was saved."


@pytest.mark.parametrize(
    "words",
    [
        ["cut=64000"],
        ["cut=900000", "chunked", "norange"],
        ["reset=900000"],
        ["lie=short"],
        ["lie=long"],
        ["lie=wrong-total"],
        ["norange", "nolength"],
        ["body=html-as-mp4"],
        ["body=json"],
        ["gzip"],
    ],
)
def test_it_keeps_nothing_that_is_no_whole_video(videoed: Videoed, data_dir: Path, words: list[str]) -> None:
    task = videoed(*words)
    try_once(task)
    assert copy_of(task).next_try_at is not None
    assert copy_of(task).kept_at is None
    assert everything_in(data_dir) == []


def test_it_tries_again_until_the_video_is_whole(videoed: Videoed, gateway: Gateway, data_dir: Path) -> None:
    task = videoed("cut=900000")
    try_once(task)
    gateway.change_task(task.upstream_id, options=[])
    Video.objects.update(next_try_at=timezone.now())
    keep(task)
    check_kept(task)
    assert copy_of(task).tries == 0


def test_it_finishes_what_a_source_that_expires_midway_has_begun(
    videoed: Videoed, gateway: Gateway, data_dir: Path
) -> None:
    task = videoed("cut=900000", "norange", url=True)
    try_once(task)
    gateway.advance(1_000)  # the URL has expired, and /content breaks off
    Video.objects.update(next_try_at=timezone.now())
    asyncio.run(archive_until(tried(task, 2)))
    assert everything_in(data_dir) == []
    gateway.change_task(task.upstream_id, options=["gone=404"])  # now only a renewed URL is left
    Video.objects.update(next_try_at=timezone.now())
    keep(task)
    check_kept(task)


def test_it_keeps_only_the_video_that_viewers_have_seen(videoed: Videoed, data_dir: Path) -> None:
    task = videoed()
    seen = {"size_bytes": N - 1, "content_type": "video/mp4", "content_etag": '"video-1"'}
    Video.objects.filter(pk=task.pk).update(**seen)
    try_once(task)
    assert everything_in(data_dir) == []
    Video.objects.update(next_try_at=timezone.now())
    keep(task)
    check_kept(task)
    assert copy_of(task).file_etag != '"video-1"'


def test_it_stops_at_its_limit_and_goes_on_when_there_is_room(videoed: Videoed, settings: Settings) -> None:
    settings.ARCHIVE_LIMIT = N
    first = videoed()
    keep(first)
    second = videoed()
    try_once(second)
    assert fact(second) == "Not yet: storage is full"
    assert TaskEvent.objects.of_task(second.pk).filter(kind="copy").count() == 1
    settings.ARCHIVE_LIMIT = 2 * N
    Video.objects.filter(pk=second.pk).update(next_try_at=timezone.now())
    keep(second)
    check_kept(second)


def test_it_leaves_room_on_the_disk(videoed: Videoed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FREE_BYTES", 2**60)
    monkeypatch.setattr(files, "FREE_SHARE", 1.0)
    task = videoed()
    try_once(task)
    assert copy_of(task).copy_state == "full"


def test_it_gives_up_what_the_gateway_has_plainly_forgotten(videoed: Videoed, gateway: Gateway) -> None:
    task = videoed()
    gateway.forget_task(task.upstream_id)
    Task.objects.filter(pk=task.pk).update(finished_at=timezone.now() - LONG_AGO)
    for times in (1, 2, 3):
        Video.objects.update(next_try_at=timezone.now())
        asyncio.run(archive_until(tried(task, times)))
    assert (copy_of(task).copy_state, copy_of(task).next_try_at) == ("gone", None)
    assert fact(task) == "No: the gateway no longer had it"


def test_it_spares_a_refused_key(videoed: Videoed, gateway: Gateway) -> None:
    task = videoed()
    ApiKey.objects.update(state=ApiKey.State.REFUSED)
    try_once(task)
    assert gateway.log(task=task.upstream_id) == []


def test_it_rests_a_key_that_is_slowed_down(videoed: Videoed, gateway: Gateway) -> None:
    task = videoed()
    gateway.fault("http-429", call="content", settings={"retry_after": 60})
    try_once(task)
    assert (copy_of(task).next_try_at or timezone.now()) > timezone.now()


async def test_two_archivers_make_one_file(videoed: Videoed, gateway: Gateway, data_dir: Path) -> None:
    tasks = await sync_to_async(lambda: [videoed() for _ in range(6)])()
    async with archiving_videos(), archiving_videos():
        await until_async(sync_to_async(lambda: Video.objects.filter(copy_state="kept").count() == 6))
    for task in tasks:
        await sync_to_async(check_kept)(task)
        assert len(await sync_to_async(gateway.log)(task=task.upstream_id, call="content")) == 1
    assert len(everything_in(data_dir)) == 6


def test_it_claims_a_video_once(videoed: Videoed) -> None:
    videoed()
    now = timezone.now()
    assert len(claims.claim_due(2, now)) == 1
    assert claims.claim_due(2, now) == []
    assert len(claims.claim_due(2, now + timedelta(seconds=61))) == 1


def test_it_works_on_two_videos_at_once(videoed: Videoed, gateway: Gateway) -> None:
    for _ in range(5):
        videoed("rate=400000")
    most = 0

    def all_kept() -> bool:
        nonlocal most
        most = max(most, len(gateway.connections()))
        return Video.objects.filter(copy_state="kept").count() == 5

    asyncio.run(archive_until(all_kept, within=40))
    assert most == 2


@pytest.mark.parametrize(
    ("failure", "tries", "days", "state"),
    [
        (Failure("cut"), 1, 0, "waiting"),
        (Failure("cut"), 3, 0, "troubled"),
        (Failure("cut"), 9, 13, "troubled"),
        (Failure("cut"), 9, 15, "failed"),
        (Failure("gone", is_gone=True), 9, 1, "troubled"),
        (Failure("gone", is_gone=True), 2, 3, "waiting"),
        (Failure("gone", is_gone=True), 3, 3, "gone"),
        (Failure("full", is_full=True), 1, 0, "full"),
    ],
)
def test_it_gives_up_late(failure: Failure, tries: int, days: int, state: str) -> None:
    now = datetime(2026, 3, 20, tzinfo=UTC)
    decision = next_attempt(failure, tries, now - timedelta(days=days), now, Random(1))
    assert decision.copy_state == state
    assert (decision.next_try_at is None) == (state in {"failed", "gone"})


def test_it_waits_longer_each_time_and_as_long_as_it_is_told() -> None:
    now = datetime(2026, 3, 20, tzinfo=UTC)
    waits = [next_attempt(Failure("cut"), tries, now, now, Random(1)).next_try_at for tries in range(1, 15)]
    assert waits == sorted(waits, key=str)
    assert str(waits[-1]) < str(now + timedelta(hours=1, minutes=16))
    told = next_attempt(Failure("slow", retry_after=100.0), 1, now, now, Random(1)).next_try_at
    assert told is not None
    assert told >= now + timedelta(seconds=100)


def test_copies_of_removed_tasks_make_room(videoed: Videoed, settings: Settings) -> None:
    settings.ARCHIVE_LIMIT = 2 * N
    older, newer = videoed(), videoed()
    keep(older, newer)
    actions.remove([older])
    actions.remove([newer])
    third = videoed()
    keep(third)
    check_kept(newer)
    assert copy_of(older).kept_at is None
    actions.restore([older])
    keep(older)  # which replaces the other one
    check_kept(older)
    check_kept(third)
    assert copy_of(newer).kept_at is None


def test_nothing_makes_room_for_a_removed_task(videoed: Videoed, settings: Settings) -> None:
    settings.ARCHIVE_LIMIT = N
    first = videoed()
    keep(first)
    actions.remove([first])
    second = videoed()
    Video.objects.filter(pk=second.pk).update(copy_state="waiting", next_try_at=timezone.now())
    actions.remove([second])
    try_once(second)
    check_kept(first)


def test_copies_of_removed_tasks_make_room_on_the_disk(videoed: Videoed, monkeypatch: pytest.MonkeyPatch) -> None:
    first = videoed()
    keep(first)
    actions.remove([first])
    second = videoed()
    monkeypatch.setattr(files, "room_on_disk", lambda: 0 if files.path_of(first.pk).exists() else N)
    keep(second)
    check_kept(second)
    assert copy_of(first).kept_at is None
