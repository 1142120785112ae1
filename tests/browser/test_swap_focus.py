"""After a part of the page was replaced, the focus is where a person would look."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser
FOCUSED = "() => document.activeElement.closest('[id]')?.id"


def focused(page: Page) -> str:
    return str(page.evaluate(FOCUSED))


def test_a_new_link_is_copied_and_selected(alice: Person) -> None:
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = alice.tab(f"/tasks/{alice.stored(status='failed')}")
    page.get_by_role("button", name="Create link").press("Enter")
    expect(page.locator("#new-link")).to_be_focused()
    link = page.locator("#new-link").input_value()
    assert page.evaluate("() => getSelection().toString()") == link
    expect(page.locator("#task-links copy-button").first).to_contain_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == link


def test_a_question_about_a_key_has_it(alice: Person) -> None:
    page = alice.tab("/keys/", is_live=False)
    page.get_by_role("button", name="Revoke…").press("Enter")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    page.get_by_role("button", name="Revoke key").press("Enter")
    expect(page.locator(".key")).to_contain_text("Revoked")
    expect(page.locator(".key")).to_be_focused()


def test_a_new_secret_is_asked_for(alice: Person) -> None:
    alice.excuse("status of 422")
    page = alice.tab("/keys/", is_live=False)
    page.get_by_role("button", name="Replace…").press("Enter")
    expect(page.locator(".key input[name=secret]")).to_be_focused()
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.locator(".key .error")).to_be_visible()
    expect(page.locator(".key input[name=secret]")).to_be_focused()


def refused_form(person: Person, **fields: str) -> Page:
    """The form for a new video after an invalid submission."""
    person.excuse("status of 422")
    page = person.tab("/tasks/create", is_live=False)
    page.get_by_text("Advanced").click()
    for name, value in {"prompt": "A sea", "model": "amux", **fields}.items():
        page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Generate").press("Enter")
    return page


def test_what_is_wrong_in_a_form_has_it(alice: Person) -> None:
    page = refused_form(alice, metadata="{")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Metadata: This isn't valid JSON. Line 1, column 2")
    page.get_by_role("alert").get_by_role("link", name="Metadata").press("Enter")
    expect(page.locator("#id_metadata")).to_be_focused()


def test_a_refusal_of_the_gateway_has_it(alice: Person) -> None:
    page = refused_form(alice, model="no-such-model")
    expect(page.locator("[role=alert]")).to_contain_text("no-such-model")
    expect(page.locator("[role=alert]")).to_be_focused()


def test_older_tasks_begin_with_it(alice: Person) -> None:
    for _ in range(51):
        alice.stored(status="failed")
    page = alice.tab()
    page.locator("#page-older").press("Enter")
    expect(page.locator("#page-newest")).to_be_visible()
    expect(page.locator(".row .title").first).to_be_focused()


def test_a_filter_keeps_it(alice: Person) -> None:
    alice.stored(status="failed")
    page = alice.tab()
    page.locator("#chip-failed").press("Enter")
    expect(page.locator("#chip-failed[aria-current]")).to_be_visible()
    expect(page.locator("#chip-failed")).to_be_focused()
    assert focused(page) == "chip-failed"
