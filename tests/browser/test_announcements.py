"""What screen readers announce about a search, a filter and progress."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_it_hears_how_many_tasks_there_are(alice: Person) -> None:
    for prompt in ("A red fox", "A red kite", "A blue boat"):
        alice.stored(status="failed", prompt=prompt)
    page = alice.tab()
    heard = page.locator("live-announcer")
    page.locator("#q").fill("red")
    expect(heard).to_have_text("2 tasks")
    page.locator("#q").fill("purple")
    expect(heard).to_have_text("No tasks")
    page.locator("#clear-filters").click()
    expect(heard).to_have_text("3 tasks")
    page.locator("#chip-failed").click()
    expect(page.locator("#chip-failed[aria-current]")).to_be_visible()
    expect(heard).to_have_text("3 tasks")


def test_each_bar_says_whose_progress_it_shows(alice: Person) -> None:
    alice.stored(status="in_progress", prompt="A red fox", progress=40)
    page = alice.tab()
    bar = page.get_by_role("progressbar", name="Progress of A red fox")
    expect(bar).to_be_visible()
    expect(bar).to_have_attribute("value", "40")


def test_the_tab_counts_what_finishes_while_nobody_looks(alice: Person) -> None:
    numbers = [alice.task(status="in_progress") for _ in range(2)]
    alice.track(*numbers)
    page = alice.tab()
    page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    for number in numbers:
        alice.site.gateway.change_task(number, status="completed")
    expect(page).to_have_title("(2) Tasks · Reelboard", timeout=30_000)
    page.evaluate(
        """() => {
          Object.defineProperty(document, 'hidden', { value: false, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    expect(page).to_have_title("Tasks · Reelboard")
