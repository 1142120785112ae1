"""Every page in a browser: no complaint, nothing wider than a phone, and hostile text is shown as text only."""

import pytest
from playwright.sync_api import Page, expect

from dashboard.templatetags.display import visible
from tests.browser.conftest import NewPerson
from tests.browser.page_matrix import HOSTILE, addresses, hostile_tasks, tasks_of_every_kind
from tests.browser.person import Person, Site

# Elements that make a page scroll sideways; empty if it can't be scrolled.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => `${one.localName}.${one.className} ${Math.round(one.getBoundingClientRect().right)}`)"""
PHONE = {"width": 390, "height": 844}
# Characters that change the direction of text are shown as their code points.
SHOWN = [visible(words) for words in HOSTILE]


@pytest.fixture
def ada(own_site: Site, new_person: NewPerson) -> Person:
    """An admin on a site of her own, because admins see everybody's tasks."""
    person = new_person(own_site, "ada", is_admin=True)
    person.excuse("status of 404", "status of 410")  # the pages with these statuses
    return person


def open_bulk_page(page: Page, act: str) -> None:
    """Opens the page that asks for confirmation, or reports on, all the tasks of the board."""
    page.goto("/")
    page.locator(".row-checkbox input").first.check()
    page.locator("[data-select-page]").check()
    page.locator("#bulk").get_by_role("button", name=act).click()
    expect(page.locator("h1")).to_be_visible()


def test_it_fits_a_phone(ada: Person) -> None:
    numbers = tasks_of_every_kind(ada)
    ada.post("/keys/add", label="K" * 60, secret="sk-test-000000000000000000002222")
    page = ada.context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a dict like playwright's
    too_wide = {}
    for address in addresses(ada, numbers):
        page.goto(address)
        too_wide[address[:60]] = page.evaluate(TOO_WIDE)
    for act in ("Share", "Remove…"):
        open_bulk_page(page, act)
        too_wide[act] = page.evaluate(TOO_WIDE)
    ada.sign_out_quietly()
    page.goto("/")
    too_wide["login"] = page.evaluate(TOO_WIDE)
    assert {address: parts[:12] for address, parts in too_wide.items() if parts} == {}


def test_it_takes_hostile_words_for_words(ada: Person) -> None:
    numbers = hostile_tasks(ada)
    for number, words in enumerate(HOSTILE[:8]):
        ada.site.process.act("key", owner=ada.name, secret=f"sk-test-{number:024}", label=words[:60])
    page = ada.context.new_page()
    for address in addresses(ada, numbers):
        page.goto(address)
        expect(page.locator("main")).to_be_visible()
    for act in ("Share", "Remove…"):
        open_bulk_page(page, act)
    page.goto("/")
    shown = page.locator(".row .title").all_text_contents()
    assert [words.strip() for words in shown] == [words.strip() for words in reversed(SHOWN)]


def test_it_takes_hostile_words_for_words_that_come_live(ada: Person) -> None:
    numbers = [ada.stored(status="failed", label="plain") for _ in HOSTILE]
    board = ada.tab()
    single = ada.tab(f"/tasks/{numbers[0]}")
    for number, words in zip(numbers, HOSTILE, strict=True):
        ada.site.process.act("relabel", task=number, label=words)
    for number, words in zip(numbers, SHOWN, strict=True):
        title = board.locator(f"#task-{number} .title")
        board.wait_for_function("([place, words]) => place.textContent === words", arg=[title.element_handle(), words])
    expect(single.locator("h1")).to_have_text(HOSTILE[0])
    late = ada.stored(status="failed", label=HOSTILE[1], prompt=HOSTILE[2], error_message=HOSTILE[6])
    expect(board.locator(f"#task-{late} .title")).to_have_text(HOSTILE[1])
    assert ada.grounds() == []
