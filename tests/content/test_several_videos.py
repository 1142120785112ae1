"""A task with several videos: each is listed, played, downloaded, stored and shared by its position."""

import asyncio
import base64
from pathlib import Path

import httpx
import pytest
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.demo.video_files import random_video
from dashboard.keys import actions as key_actions
from dashboard.sharing import actions as sharing
from dashboard.tasks import actions, writes
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.upstream.secret import Secret
from dashboard.videos import files
from tests.archive.conftest import archive_until, data_dir
from tests.content.conftest import Browser
from tests.polling.loops import polling, some_task
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.wait import until_async

__all__ = ["data_dir"]

pytestmark = pytest.mark.django_db(transaction=True)

RANDOM = random_video()
MP4 = b"\0\0\0\x18ftypmp42" + RANDOM[12:]
TAKES = ("random", "small", "short")


@pytest.fixture
def takes(known_gateway: Gateway, alice: User) -> Task:
    """A task of alice's with three videos, as the poller stores it."""
    key = key_actions.add(alice, "mine", Secret(ALICE_KEY))
    upstream_id = known_gateway.add_task("amux+more=small,short", status="completed", video="random")
    task, _ = actions.track(alice, key, upstream_id)
    asyncio.run(poll(known_gateway))
    task.refresh_from_db()
    return task


async def poll(gateway: Gateway) -> None:
    async with polling(gateway.url):
        await until_async(some_task(status="completed"))


def content_of(gateway: Gateway, name: str) -> bytes:
    return (gateway.videos_dir / f"{name}.mp4").read_bytes() if name != "random" else RANDOM


def get(client: httpx.Client, task: Task, query: str = "", **headers: str) -> httpx.Response:
    return client.get(f"/tasks/{task.pk}/content{query}", headers=headers)


def test_each_plays_and_seeks_by_its_position(
    browser: Browser, alice: User, takes: Task, known_gateway: Gateway
) -> None:
    client = browser(alice)
    etags = set()
    for position, name in enumerate(TAKES, start=1):
        whole = content_of(known_gateway, name)
        answer = get(client, takes, f"?video={position}")
        assert (answer.status_code, answer.content) == (200, whole), name
        part = get(client, takes, f"?video={position}", Range="bytes=100-199", **{"If-Range": answer.headers["ETag"]})
        assert (part.status_code, part.content) == (206, whole[100:200]), name
        etags.add(answer.headers["ETag"])
    assert len(etags) == 3
    assert get(client, takes).content == content_of(known_gateway, "random")


def test_only_the_first_is_asked_of_the_gateways_content_call(
    browser: Browser, alice: User, takes: Task, known_gateway: Gateway
) -> None:
    for position in (2, 3):
        get(browser(alice), takes, f"?video={position}")
    assert known_gateway.log(call="content") == []


def test_a_download_names_its_position(browser: Browser, alice: User, takes: Task) -> None:
    Task.objects.filter(pk=takes.pk).update(label="Paper plane")
    named = [get(browser(alice), takes, f"?video={at}&download=1").headers["Content-Disposition"] for at in (1, 2)]
    assert 'filename="Paper plane.mp4"' in named[0]
    assert 'filename="Paper plane 2.mp4"' in named[1]


@pytest.mark.parametrize("position", ["0", "4", "-1", "x", "", "2.0", "02", "１"])
def test_one_that_it_has_not_is_not_found(browser: Browser, alice: User, takes: Task, position: str) -> None:
    client = browser(alice)
    assert get(client, takes, f"?video={position}").status_code == 404
    assert client.get(f"/tasks/{takes.pk}?video={position}").status_code == 404


def test_a_stranger_finds_none_of_them(browser: Browser, bob: User, takes: Task) -> None:
    assert {get(browser(bob), takes, f"?video={at}").status_code for at in (1, 2, 3, 4)} == {404}


def test_the_board_says_how_many_there_are(browser: Browser, alice: User, takes: Task) -> None:
    assert "3 videos" in browser(alice).get("/").text


def test_its_page_offers_each_one(browser: Browser, alice: User, takes: Task) -> None:
    page = browser(alice).get(f"/tasks/{takes.pk}?video=2").text
    content = f"/tasks/{takes.pk}/content"
    assert f'src="{content}?video=2"' in page
    for query in (f"{content}?download=1", f"{content}?video=2&amp;download=1", f"{content}?video=3&amp;download=1"):
        assert f'href="{query}"' in page
    assert f'href="/tasks/{takes.pk}?video=3"' in page
    assert "Frame rate" not in page  # the gateway describes only the first one
    assert "Frame rate" in browser(alice).get(f"/tasks/{takes.pk}").text


def test_a_link_shares_all_of_them_until_it_ends(
    browser: Browser, alice: User, bob: User, takes: Task, known_gateway: Gateway
) -> None:
    link, token = sharing.share(takes, alice)
    client = browser(bob)
    page = client.get(f"/s/{token}?video=3").text
    assert f'src="/s/{token}/content?video=3"' in page
    assert f'href="/s/{token}?video=2"' in page
    assert client.get(f"/s/{token}/content?video=2").content == content_of(known_gateway, "small")
    assert client.get(f"/s/{token}/content?video=4").status_code == 404
    sharing.revoke(link)
    assert client.get(f"/s/{token}/content?video=2").status_code == 404


def test_all_are_kept_and_outlive_the_gateway(
    browser: Browser, alice: User, takes: Task, known_gateway: Gateway, data_dir: Path
) -> None:
    def are_kept() -> bool:
        return Video.objects.filter(copy_state="kept").count() == 3

    asyncio.run(archive_until(are_kept))
    known_gateway.forget_task(takes.upstream_id)
    known_gateway.advance(86400)
    for position, name in enumerate(TAKES, start=1):
        assert get(browser(alice), takes, f"?video={position}").content == content_of(known_gateway, name)
    said = TaskEvent.objects.of_task(takes.pk).filter(kind="copy").values_list("detail", flat=True)
    assert sorted(said) == [f"Video {at} was saved." for at in (1, 2, 3)]


def test_what_only_an_address_leads_to_is_kept_first(takes: Task) -> None:
    Video.objects.update(next_try_at=takes.created_at, copy_state="waiting")
    now = takes.created_at.replace(year=takes.created_at.year + 1)
    assert [video.position for video in Video.objects.due(now)][-1] == 1


def test_all_files_go_with_the_task(takes: Task, data_dir: Path) -> None:
    asyncio.run(archive_until(lambda: Video.objects.filter(copy_state="kept").count() == 3))
    actions.delete([takes])
    asyncio.run(archive_until(lambda: not Video.objects.exists()))
    assert [path for path in files.root().rglob("*") if path.is_file()] == []


@pytest.fixture
def inline(known_gateway: Gateway, alice: User) -> Task:
    """A task of alice's with two videos that are available only inside the gateway's answer."""
    key = key_actions.add(alice, "mine", Secret(ALICE_KEY))
    upstream_id = known_gateway.add_task("amux+gone=404", status="completed")
    videos = [base64.b64encode(MP4).decode(), base64.b64encode(MP4[:5_000]).decode()]
    known_gateway.fault("inline-video", settings={"videos": videos})
    task, _ = actions.track(alice, key, upstream_id)
    asyncio.run(poll(known_gateway))
    task.refresh_from_db()
    return task


def test_what_stands_inside_of_the_answer_is_played(browser: Browser, alice: User, inline: Task) -> None:
    client = browser(alice)
    assert [video.url for video in inline.videos.all()] == ["inline:1", "inline:2"]
    assert len(inline.raw) < 1_000
    assert get(client, inline).content == MP4
    assert get(client, inline, "?video=2").content == MP4[:5_000]
    assert get(client, inline, "?video=2", Range="bytes=100-199").content == MP4[100:200]


def test_what_stands_inside_of_the_answer_is_kept(
    browser: Browser, alice: User, inline: Task, known_gateway: Gateway, data_dir: Path
) -> None:
    asyncio.run(archive_until(lambda: Video.objects.filter(copy_state="kept").count() == 2))
    known_gateway.forget_task(inline.upstream_id)
    assert get(browser(alice), inline).content == MP4
    assert get(browser(alice), inline, "?video=2").content == MP4[:5_000]


def test_it_says_that_no_copies_are_kept(browser: Browser, alice: User, inline: Task, settings: Settings) -> None:
    settings.ARCHIVE = False
    assert "No, saving copies is turned off" in browser(alice).get(f"/tasks/{inline.pk}").text


def test_a_newer_answer_renews_the_addresses_and_keeps_the_rest(takes: Task) -> None:
    Video.objects.filter(task=takes, position=2).update(size_bytes=7, content_etag='"two"')
    urls = [f"https://files.example/{at}.mp4" for at in (1, 2, 3, 4)]
    assert writes.update_task(takes, "detail", video_urls=urls)
    found = [*Video.objects.filter(task=takes).order_by("position")]
    assert [video.url for video in found] == urls
    assert (found[0].pk, found[1].size_bytes) == (takes.pk, 7)


def test_an_address_that_expired_is_renewed_for_each(
    browser: Browser, alice: User, takes: Task, known_gateway: Gateway, settings: Settings
) -> None:
    known_gateway.advance(86400)
    assert get(browser(alice), takes, "?video=3").content == content_of(known_gateway, "short")
    assert get(browser(alice), takes, "?video=2").content == content_of(known_gateway, "small")
