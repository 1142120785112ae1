"""A video that is paused for longer than the server waits for its reader: when played again, it continues by itself."""

from pathlib import Path

import httpx
from playwright.sync_api import Request

from tests.browser.conftest import NewPerson, quick
from tests.browser.person import Site
from tests.browser.test_play import video_page
from tests.support.gateway import gateway_with
from tests.support.processes import ServerProcess


def flowing(process: ServerProcess) -> int:
    said = httpx.get(f"{process.url}/metrics", timeout=60).text
    return int(float(said.partition("\nreelboard_videos_flowing ")[2].partition("\n")[0]))


def first_bytes(requests: list[Request]) -> list[int]:
    """Returns where the requested ranges of the video begin."""
    videos = [request for request in requests if request.url.endswith("/content")]
    return [int(request.headers["range"].removeprefix("bytes=").partition("-")[0]) for request in videos]


def test_it_goes_on_where_it_was_paused(process: ServerProcess, videos_with_long: Path, new_person: NewPerson) -> None:
    with gateway_with(videos_with_long) as gateway:
        process.env = {**quick(gateway), "DJANGO_SETTINGS_MODULE": "tests.support.short_deadlines"}
        process.start()
        alice = new_person(Site(process, gateway))
        alice.excuse(
            "net::ERR_CONTENT_LENGTH_MISMATCH", "net::ERR_CONNECTION_RESET"
        )  # the browser's error for a video that was cut off
        page = video_page(alice, "amux+long")
        video = page.locator("#task-player video")
        video.evaluate("video => { video.muted = true; return video.play() }")
        page.wait_for_function("video => video.currentTime > 0.5", arg=video.element_handle())
        video.evaluate("video => video.pause()")
        process.eventually(lambda: flowing(process) == 0, 60)
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))
        video.evaluate("video => { video.playbackRate = 8; return video.play() }")
        page.wait_for_function("video => video.ended", arg=video.element_handle(), timeout=60_000)
        assert video.evaluate("video => [video.error, video.currentTime]") == [
            None,
            video.evaluate("video => video.duration"),
        ]
        assert min(first_bytes(asked)) > 1_000_000  # the connection was closed, and only the rest was requested
