"""Layout: nothing overlaps, and nothing is outside the window."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import Person, Site

NewPerson = Callable[..., Person]
LONG_AGO = "2025-11-03T10:00:00+00:00"
# Pairs of texts in one row whose boxes overlap.
OVERLAPS = """() => [...document.querySelectorAll('.row')].flatMap(row => {
  const found = [...row.querySelectorAll('.title, .row-meta, .status, .condition, .reason, .row-created')]
    .filter(part => part.checkVisibility({ visibilityProperty: true }))
    .map(part => {
      const range = document.createRange();
      range.selectNodeContents(part);
      const [box, text] = [part.getBoundingClientRect(), range.getBoundingClientRect()];
      return { name: part.className, left: text.left, top: Math.max(text.top, box.top),
        right: Math.min(text.right, box.right), bottom: Math.min(text.bottom, box.bottom) };
    });
  return found.flatMap((one, index) => found.slice(index + 1)
    .filter(other => one.left < other.right - 1 && other.left < one.right - 1
      && one.top < other.bottom - 1 && other.top < one.bottom - 1)
    .map(other => `${one.name} / ${other.name}`));
})"""
# Texts that are not truncated and extend beyond their panel or the page.
OUTSIDE = """() => [...document.querySelectorAll('main p')].filter(part => {
  const range = document.createRange();
  range.selectNodeContents(part);
  const around = part.closest('.panel, main').getBoundingClientRect();
  return getComputedStyle(part).overflow === 'visible' && range.getBoundingClientRect().right > around.right;
}).length"""
CUT_WITHOUT_ELLIPSIS = """() => [...document.querySelectorAll('.row :is(.condition, .reason)')]
  .filter(part => part.scrollWidth > part.clientWidth && getComputedStyle(part).textOverflow !== 'ellipsis').length"""


@pytest.mark.parametrize("width", [320, 390, 800, 1280, 1920])
def test_nothing_lies_over_anything_in_a_row(alice: Person, width: int) -> None:
    for condition in ("", "overdue", "misconfigured", "not_found"):
        alice.stored(status="in_progress", condition=condition, progress=40, created_at=LONG_AGO)
    alice.stored(status="failed", error_message="It was too long. " * 20, created_at=LONG_AGO)
    alice.stored(status="completed", error_message="No video came.", created_at=LONG_AGO)
    page = alice.tab()
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator(".row")).to_have_count(6)
    expect(page.locator(".row-created").first).to_contain_text("2025")
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(CUT_WITHOUT_ELLIPSIS) == 0


def test_the_first_row_is_near_the_top_of_a_phone(alice: Person) -> None:
    alice.stored(status="failed")
    page = alice.tab()
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.locator(".row").first.bounding_box()
    assert box is not None
    assert box["y"] < 250
    for chip in page.locator(".chip").all():
        chip.focus()
        expect(chip).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_menu_of_the_lowest_row_opens_inside_of_the_window(alice: Person, width: int) -> None:
    for _ in range(12):
        alice.stored(status="failed")
    page = alice.tab()
    page.set_viewport_size({"width": width, "height": 600})
    last = page.locator(".row").last
    last.scroll_into_view_if_needed()
    last.hover()
    last.get_by_label("More actions for").click()
    expect(last.locator(".menu-list")).to_be_in_viewport(ratio=1)


def styles(page: Page, selector: str, *names: str) -> list[str]:
    get = "([selector, names]) => names.map(name => getComputedStyle(document.querySelector(selector))[name])"
    return [str(value) for value in page.evaluate(get, [selector, [*names]])]


def test_chosen_colors_lose_nothing_that_a_background_said(site: Site, new_person: NewPerson) -> None:
    person = new_person(site, "fay", forced_colors="active")
    for _ in range(2):
        person.stored(status="in_progress", progress=40)
    page = person.tab()
    current, other = "#chip-all", "#chip-queued"
    assert styles(page, current, "backgroundColor") != styles(page, other, "backgroundColor")
    page.locator(".row-checkbox input").first.check()
    first, second = ".row:nth-child(1)", ".row:nth-child(2)"
    assert styles(page, first, "outlineStyle") == ["solid"]
    assert styles(page, second, "outlineStyle") == ["none"]
    assert styles(page, "progress", "borderTopStyle", "borderTopWidth") == ["solid", "1px"]
    page.locator(".row").nth(1).hover()
    assert styles(page, f"{second} > .actions", "backgroundColor") != ["rgba(0, 0, 0, 0)"]


@pytest.mark.parametrize("width", [390, 1280])
def test_long_words_stay_inside_of_their_panels(alice: Person, width: int) -> None:
    alice.excuse("status of 410")  # the page of a removed task
    task_id = alice.stored(status="failed", label="Donaudampfschifffahrt" * 5, model="model-with-a-name" * 8)
    alice.post(f"/tasks/{task_id}/tags", tags="launch")
    page = alice.tab()
    page.set_viewport_size({"width": width, "height": 844})
    expect(page.locator(".row .tag")).to_be_in_viewport(ratio=0.9)
    alice.post(f"/tasks/{task_id}/delete")
    for address in ("/removed", f"/tasks/{task_id}"):
        page.goto(address)
        assert page.evaluate(OUTSIDE) == 0
