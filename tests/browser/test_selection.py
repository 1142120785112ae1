"""Selecting rows on the board."""

from playwright.sync_api import expect

from tests.browser.person import Person


def test_typing_a_label_keeps_all_tasks_selected(alice: Person) -> None:
    for number in range(51):
        alice.stored(status="failed", upstream_id=f"many-{number}")
    page = alice.tab()
    page.locator("[data-select-page]").check()
    page.get_by_label("Select all 51 tasks").check()
    page.get_by_label("Title for the selected tasks").fill("Spring")
    page.get_by_role("button", name="Set title", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("51")
