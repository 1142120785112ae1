"""A film that is paused for longer than the server waits for its reader: played on, it comes back by itself."""

from pathlib import Path

import httpx
from playwright.sync_api import Request

from tests.browser.conftest import NewPerson, quick
from tests.browser.person import House
from tests.browser.test_play import film_page
from tests.support.gateway import gateway_with
from tests.support.processes import ServerProcess


def flowing(process: ServerProcess) -> int:
    said = httpx.get(f"{process.url}/metrics", timeout=60).text
    return int(float(said.partition("\nreelboard_films_flowing ")[2].partition("\n")[0]))


def first_bytes(requests: list[Request]) -> list[int]:
    """Where the requests for the film began."""
    films = [request for request in requests if request.url.endswith("/content")]
    return [int(request.headers["range"].removeprefix("bytes=").partition("-")[0]) for request in films]


def test_it_goes_on_where_it_was_paused(process: ServerProcess, films_with_long: Path, new_person: NewPerson) -> None:
    with gateway_with(films_with_long) as gateway:
        process.env = {**quick(gateway), "DJANGO_SETTINGS_MODULE": "tests.support.short_deadlines"}
        process.start()
        alice = new_person(House(process, gateway))
        alice.excuse(
            "net::ERR_CONTENT_LENGTH_MISMATCH", "net::ERR_CONNECTION_RESET"
        )  # what the browser says of a film that was broken off
        page = film_page(alice, "amux+long")
        film = page.locator("#task-player video")
        film.evaluate("film => { film.muted = true; return film.play() }")
        page.wait_for_function("film => film.currentTime > 0.5", arg=film.element_handle())
        film.evaluate("film => film.pause()")
        assert flowing(process) == 1
        process.eventually(lambda: flowing(process) == 0, 60)
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))
        film.evaluate("film => { film.playbackRate = 8; return film.play() }")
        page.wait_for_function("film => film.ended", arg=film.element_handle(), timeout=60_000)
        assert film.evaluate("film => [film.error, film.currentTime]") == [None, film.evaluate("film => film.duration")]
        assert min(first_bytes(asked)) > 1_000_000
