"""Pictures: how fast they are made, when they are on the screen, and what opening a board of them weighs."""

import asyncio
import json
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from dashboard.demo.video_files import make_all, make_one
from dashboard.videos import media_process
from tests.bench.results import Figure, Section, middle, share
from tests.browser.conftest import ARGUMENTS, quick
from tests.browser.person import Person, Site, row
from tests.support.gateway import gateway_with
from tests.support.processes import new_process
from tests.support.programs import program

ROWS = 50
BOARD_BYTES, SCREEN_SECONDS = 800_000, 3.0
KINDS = ("landscape", "portrait", "square", "wide")
# What a page has loaded: its own bytes, and those of its resources whose address contains a text.
WEIGHT = """part => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
  .filter(({ name }) => name.includes(part)).reduce((sum, { transferSize }) => sum + transferSize, 0)"""
# Before posters were made by the server, a browser drew them: it loaded the video of each row that was visible.
WHOLE_VIDEOS = """async () => {
  const visible = [...document.querySelectorAll('.row')].filter((row) => row.getBoundingClientRect().top < innerHeight);
  let bytes = 0;
  for (const row of visible) {
    const response = await fetch(`${row.querySelector('.title').href}/content`);
    bytes += (await response.arrayBuffer()).byteLength;
  }
  return bytes;
}"""
POSTERS = """() => [...document.querySelectorAll('.thumbnail img')].filter((image) =>
  image.getBoundingClientRect().top < innerHeight).every((image) => image.complete && image.naturalWidth)"""


def measure(*, quick: bool) -> Section:
    figures = [*making(2 if quick else 40)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelboard-bench-")))
        figures += _on_screen(stack, folder, 4 if quick else ROWS)
    return Section("Pictures", figures)


def making(count: int) -> list[Figure]:
    """Reads videos of 4 to 12 s, 640 to 1,680 pixels wide, one after another."""
    with tempfile.TemporaryDirectory(prefix="reelboard-bench-") as name:
        paths = [make_one(Path(name), kind) for kind in (*KINDS, "short")]
        before, sizes, taken = os.times(), list[int](), list[float]()
        for index in range(count):
            descriptor = os.open(paths[index % len(paths)], os.O_RDONLY)
            began = time.monotonic()
            report = asyncio.run(media_process.read_file(descriptor))
            taken.append(time.monotonic() - began)
            os.close(descriptor)
            assert not report.info.error, report.info.error
            sizes.append(len(report.pictures["poster"]))
        after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return [
        Figure(
            what="posters with storyboards",
            value=count / cpu,
            unit="/s for each core",
            note=f"each in a process of its own, {1000 * middle(taken):.0f} ms; poster {middle(sizes) / 1000:.1f} kB",
        )
    ]


def _on_screen(stack: ExitStack, folder: Path, rows: int) -> list[Figure]:
    make_all(folder / "videos")
    gateway = stack.enter_context(gateway_with(folder / "videos"))
    process = new_process(folder / "site", **{**quick(gateway), "ARCHIVE": "on"})
    stack.callback(process.close)
    process.start()
    playwright = stack.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
    stack.callback(browser.close)
    person = Person(Site(process, gateway), browser, "alice")
    page = person.tab()
    waited = [_until_poster(person, page, KINDS[index % len(KINDS)]) for index in range(rows)]
    fresh = browser.new_context(base_url=process.url, viewport={"width": 1280, "height": 800})
    fresh.add_cookies(person.context.cookies())  # type: ignore[arg-type]  # what it returns it also takes
    first = _opened(fresh)
    weight, videos = first.evaluate(WEIGHT, ""), first.evaluate(WEIGHT, "/content")
    whole = first.evaluate(WHOLE_VIDEOS)
    again = _opened(fresh)
    stored = again.evaluate(WEIGHT, "/poster") + again.evaluate(WEIGHT, "/static/")
    late = share(waited, 0.95)
    return [
        Figure(
            what="from completed to its poster on the screen, p95",
            value=late,
            unit="s",
            reach="<= 3 s",
            reached=late <= SCREEN_SECONDS,
            note=f"median {middle(waited):.1f} s; the copy is made in between",
        ),
        Figure(
            what=f"a board with {rows} completed rows, opened for the first time",
            value=weight / 1000,
            unit="kB",
            peer="the videos of its visible rows, which a browser needs to draw their posters",
            peer_value=whole / 1000,
            reach="<= 800 kB",
            reached=weight <= BOARD_BYTES,
            note=f"of these {videos} bytes of video; 1280 x 800",
        ),
        Figure(
            what="pictures and static files of the next visit",
            value=stored,
            unit="bytes",
            reach="0",
            reached=stored == 0,
            note=f"the page itself {again.evaluate(WEIGHT, '') / 1000:.0f} kB",
        ),
    ]


def _until_poster(person: Person, page: Page, kind: str) -> float:
    """Returns the seconds between a row's change to completed and its poster, as the page shows them."""
    task_id = person.tracked("amux", status="completed", video=kind)
    expect(row(page, task_id)).to_have_attribute("data-status", "completed", timeout=30_000)
    began = time.monotonic()
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 0",
        arg=row(page, task_id).locator(".thumbnail img").element_handle(timeout=30_000),
    )
    return time.monotonic() - began


def _opened(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/")
    page.wait_for_function(POSTERS)
    page.wait_for_load_state("load")
    time.sleep(1.0)  # what is loaded later on
    return page


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
