"""Posters on the board and in the player: made by the server, shown without a reload, loaded once."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.demo.video_files import make_one
from tests.browser.conftest import NewPerson, quick
from tests.browser.person import Person, Site, row
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess

# How the picture in a row is really drawn: its own size, and whether it keeps its ratio.
DRAWN = """image => [image.naturalWidth, image.naturalHeight, getComputedStyle(image).objectFit]"""
POSTER = re.compile(r"^/tasks/[0-9a-f-]{36}/poster\?v=[0-9a-f]{12}$")
REQUESTS = """part => performance.getEntriesByType('resource').filter(({ name }) => name.includes(part))
  .map(({ name, transferSize }) => ({ name, bytes: transferSize }))"""
LOADED = "image => image.complete && image.naturalWidth > 0"


@pytest.fixture
def alice(process: ServerProcess, gateway: Gateway, new_person: NewPerson) -> Person:
    process.env = {**quick(gateway), "ARCHIVE": "on"}
    process.start()
    return new_person(Site(process, gateway))


def with_poster(page: Page, task_id: str) -> Page:
    picture = row(page, task_id).locator(".thumbnail img")
    expect(picture).to_be_attached(timeout=30_000)
    page.wait_for_function(LOADED, arg=picture.element_handle())
    return page


def finished(person: Person, video: str = "short") -> str:
    make_one(person.site.gateway.videos_dir, video)
    return person.tracked("amux", status="completed", video=video)


@pytest.mark.parametrize(("video", "size"), [("landscape", [320, 180]), ("portrait", [180, 320])])
def test_a_row_gets_its_poster_while_one_watches(alice: Person, video: str, size: list[int]) -> None:
    page = alice.tab()
    task_id = finished(alice, video)
    with_poster(page, task_id)
    assert row(page, task_id).locator(".thumbnail img").evaluate(DRAWN) == [*size, "contain"]


def test_the_board_loads_no_video_and_each_poster_once(alice: Person) -> None:
    task_ids = [finished(alice) for _ in range(3)]
    page = alice.tab()
    for task_id in task_ids:
        with_poster(page, task_id)
    assert {entry["bytes"] > 0 for entry in page.evaluate(REQUESTS, "/poster")} == {True}
    page.reload()
    for task_id in task_ids:
        with_poster(page, task_id)
    assert [entry["bytes"] for entry in page.evaluate(REQUESTS, "/poster")] == [0, 0, 0]  # from the browser's cache
    assert page.evaluate(REQUESTS, "/content") == []


def test_the_player_shows_it_before_it_plays(alice: Person) -> None:
    task_id = finished(alice, "portrait")
    page = with_poster(alice.tab(), task_id)
    row(page, task_id).locator(".title").click()
    video = page.locator("#task-player video")
    expect(video).to_have_attribute("poster", POSTER)
    assert video.evaluate("video => [video.getAttribute('width'), video.getAttribute('height')]") == ["720", "1280"]
    expect(page.get_by_text("720 × 1280 px")).to_be_visible()
