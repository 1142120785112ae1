"""Selecting rows on the board."""

from playwright.sync_api import expect

from tests.browser.person import Person


def test_typing_a_tag_keeps_all_tasks_selected(alice: Person) -> None:
    for number in range(51):
        alice.stored(status="failed", upstream_id=f"many-{number}")
    page = alice.tab()
    page.locator("[data-select-page]").check()
    page.get_by_label("Select all 51 tasks").check()
    page.get_by_label("Tag for the selected tasks").fill("Spring")
    page.get_by_role("button", name="Add tag", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Tag “Spring” added to 51 tasks.")
    expect(page.locator(".row .tag")).to_have_count(50)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".row .tag")).to_have_count(0)
    expect(page.locator("#messages")).to_contain_text("Undone.")
