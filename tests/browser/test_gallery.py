"""The gallery with real videos: justified tiles, keys in two directions, playing in place, storyboards, live tiles."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPerson, quick
from tests.browser.person import Person, Site, row
from tests.browser.test_pictures import finished, with_poster
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess

KINDS = ("landscape", "portrait", "square", "wide")
# The ratio of each picture as it is drawn, divided by that of its video.
DISTORTIONS = """() => [...document.querySelectorAll('.gallery .thumbnail:has(img)')].map((thumbnail) => {
  const [box, image] = [thumbnail.getBoundingClientRect(), thumbnail.querySelector('img')];
  return box.width / box.height / (image.getAttribute('width') / image.getAttribute('height'));
})"""
# For each line of tiles: how many heights its pictures have, and how far it is from the right edge.
LINES = """() => {
  const lines = new Map();
  for (const thumbnail of document.querySelectorAll('.gallery .thumbnail')) {
    const { top, height, right } = thumbnail.getBoundingClientRect();
    const line = lines.get(Math.round(top)) ?? lines.set(Math.round(top), []).get(Math.round(top));
    line.push([Math.round(height), right]);
  }
  const edge = document.querySelector('.gallery .rows').getBoundingClientRect().right;
  return [...lines.values()].map((line) => [new Set(line.map(([height]) => height)).size, edge - line.at(-1)[1]]);
}"""
FITS = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def alice(process: ServerProcess, gateway: Gateway, new_person: NewPerson) -> Person:
    process.env = {**quick(gateway), "ARCHIVE": "on"}
    process.start()
    return new_person(Site(process, gateway))


def gallery(person: Person, *, videos: int = 0) -> tuple[Page, list[str]]:
    """Opens the gallery with that many completed videos, newest first."""
    task_ids = [finished(person, KINDS[index % len(KINDS)]) for index in range(videos)]
    page = person.tab()
    for task_id in task_ids:
        with_poster(page, task_id)
    page.get_by_role("button", name="Gallery").click()
    expect(page.get_by_role("button", name="Gallery")).to_have_attribute("aria-pressed", "true")
    return page, task_ids[::-1]


def focused(page: Page) -> str | None:
    return page.locator(".row:has(.title:focus)").get_attribute("data-task-id")


def title(page: Page, task_id: str) -> Locator:
    return row(page, task_id).locator(".title")


def test_pictures_keep_their_ratio_and_lines_are_full(alice: Person) -> None:
    page, _ = gallery(alice, videos=8)
    for width in (320, 390, 1280, 1920, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("() => document.querySelectorAll('.gallery .row[style]').length === 8")
        assert all(ratio == pytest.approx(1, abs=0.02) for ratio in page.evaluate(DISTORTIONS))
        lines = page.evaluate(LINES)
        assert all(heights == 1 for heights, _ in lines)
        assert all(gap < 2 for _, gap in lines[:-1]) or width < 400
        assert page.evaluate(FITS)


def test_keys_move_in_two_directions(alice: Person) -> None:
    page, task_ids = gallery(alice, videos=8)
    title(page, task_ids[0]).focus()
    page.keyboard.press("ArrowRight")
    assert focused(page) == task_ids[1]
    page.keyboard.press("ArrowLeft")
    assert focused(page) == task_ids[0]
    page.keyboard.press("ArrowDown")
    below = focused(page)
    assert below not in task_ids[:2]
    page.keyboard.press("ArrowUp")
    assert focused(page) in task_ids[:3]
    page.keyboard.press("x")
    expect(page.locator(".row-checkbox :checked")).to_have_count(1)
    page.keyboard.press("Escape")
    title(page, task_ids[0]).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#task-player video")).to_be_attached()


def test_space_plays_in_place_and_stops(alice: Person) -> None:
    page, (first, second) = gallery(alice, videos=2)
    title(page, first).focus()
    page.keyboard.press("Space")
    video = row(page, first).locator("video")
    page.wait_for_function("video => video.currentTime > 0.2", arg=video.element_handle())
    assert video.evaluate("video => [video.muted, video.paused]") == [True, False]
    title(page, second).focus()
    page.keyboard.press("Space")
    expect(video).to_have_count(0)
    expect(row(page, second).locator("video")).to_have_count(1)
    page.keyboard.press("Space")
    expect(page.locator(".gallery video")).to_have_count(0)


@pytest.mark.parametrize("view", ["Table", "Gallery"])
def test_the_pointer_shows_the_storyboard_with_its_time(alice: Person, view: str) -> None:
    page, (task_id,) = gallery(alice, videos=1)
    page.get_by_role("button", name=view).click()
    with_poster(page, task_id)
    box = row(page, task_id).locator(".thumbnail").bounding_box()
    assert box is not None
    shown = []
    for share in (0.05, 0.5, 0.95):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        frame = row(page, task_id).locator(".storyboard-frame")
        shown.append((frame.evaluate("frame => frame.style.backgroundPositionX"), frame.inner_text()))
    assert shown == [("0%", "0:00"), ("50%", "0:03"), ("100%", "0:05")]
    page.mouse.move(5, 5)
    expect(page.locator(".storyboard-frame")).to_have_count(0)


def test_a_new_tile_comes_in_live_and_what_one_looks_at_stays(alice: Person) -> None:
    page, _ = gallery(alice, videos=8)
    page.set_viewport_size({"width": 600, "height": 400})
    page.evaluate("scrollTo(0, document.body.scrollHeight - innerHeight - 60)")
    page.wait_for_function("() => document.elementFromPoint(300, 200).closest('.row')")
    middle = page.evaluate("() => document.elementFromPoint(300, 200).closest('.row').dataset.taskId")
    looked_at = row(page, middle)
    before = looked_at.bounding_box()
    new = finished(alice, "wide")
    expect(row(page, new)).to_be_attached()
    with_poster(page, new)
    after = looked_at.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 3


def test_a_tile_opens_its_video_above_the_gallery(alice: Person) -> None:
    page, (task_id,) = gallery(alice, videos=1)
    row(page, task_id).locator(".row-thumbnail").click()
    expect(page.locator("#theater video")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#theater")).to_be_hidden()
    expect(page.locator(".gallery .row")).to_have_count(1)


def test_without_javascript_the_gallery_is_there(alice: Person, new_person: NewPerson) -> None:
    gallery(alice, videos=2)
    context = alice.context.browser.new_context(  # type: ignore[union-attr]
        base_url=alice.site.process.url, java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    context.add_cookies(alice.context.cookies())  # type: ignore[arg-type]  # what it returns it also takes
    page = context.new_page()
    page.goto("/")
    expect(page.locator(".gallery .row")).to_have_count(2)
    box = page.locator(".gallery .thumbnail").first.bounding_box()
    assert box is not None
    assert box["width"] > 60
    page.get_by_role("button", name="Table").click()
    expect(page.locator(".table .row")).to_have_count(2)
    context.close()


def test_older_tiles_come_in_before_the_end(alice: Person) -> None:
    for number in range(120):
        alice.stored(status="failed", upstream_id=f"old-{number}")
    page, _ = gallery(alice)
    page.set_viewport_size({"width": 1280, "height": 800})
    for _ in range(20):
        page.mouse.wheel(0, 2_000)
        page.wait_for_timeout(100)
    expect(page.locator(".gallery .row")).to_have_count(120)
    expect(page.locator("#page-older")).to_have_count(0)
    assert len(set(page.locator(".gallery .row").evaluate_all("rows => rows.map(({ id }) => id)"))) == 120
