"""Titles and prompts in right-to-left scripts, and characters that change the direction of text."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser

HEBREW = "שועל אדום חוצה אגם קפוא באור ראשון של בוקר, צילום ארוך ואיטי מאוד, עם ערפל מעל המים ורוח קלה בעצים"
FIRST_WORD = """(element) => {
  const range = document.createRange();
  range.setStart(element.firstChild, 0);
  range.setEnd(element.firstChild, 4);
  const word = range.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  return word.left >= box.left - 1 && word.right <= box.right + 1;
}"""


def open_board(person: Person, title: str) -> Page:
    person.stored(status="failed", prompt=title)
    page = person.tab()
    page.set_viewport_size({"width": 700, "height": 700})
    return page


def test_the_first_word_is_what_is_seen(alice: Person) -> None:
    title = open_board(alice, HEBREW).locator(".row .title").first
    expect(title).to_have_text(HEBREW)
    assert title.evaluate("(element) => getComputedStyle(element).direction") == "rtl"
    assert title.evaluate(FIRST_WORD)


def test_a_text_is_not_turned_around(alice: Person) -> None:
    page = open_board(alice, "Holiday \u202egpj.exe")
    expect(page.locator(".row .title").first).to_have_text("Holiday ⟨U+202E⟩gpj.exe")
    page.locator(".row .title").first.click()
    expect(page.locator("h1")).to_have_text("Holiday ⟨U+202E⟩gpj.exe")
    expect(page.locator("#prompt")).to_have_text("Holiday ⟨U+202E⟩gpj.exe")


def test_what_a_phone_has_no_room_for_keeps_its_name(alice: Person) -> None:
    page = alice.tab()
    page.set_viewport_size({"width": 390, "height": 700})
    expect(page.get_by_role("link", name="Reelboard", exact=True)).to_be_visible()
    expect(page.locator(".navbar").get_by_role("link", name="New video", exact=True)).to_be_visible()
