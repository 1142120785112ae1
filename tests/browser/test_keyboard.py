"""The board without a mouse."""

import re

from playwright.sync_api import expect

from tests.browser.person import Person, row


def test_it_searches_from_the_slash_key(alice: Person) -> None:
    wanted = alice.stored(status="failed", label="Paper boat")
    alice.stored(status="failed", label="Neon alley")
    page = alice.tab()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("paper")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(f"#task-{wanted}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator(".row")).to_have_count(2)


def test_it_types_a_slash_where_one_is_typed(alice: Person) -> None:
    page = alice.tab()
    box = page.get_by_label("Task IDs to track")
    box.press_sequentially("a/b")
    expect(box).to_have_value("a/b")


def test_it_closes_a_menu_with_escape(alice: Person) -> None:
    page = alice.tab()
    menu = page.get_by_label(f"{alice.name}: menu")
    menu.press("Enter")
    entry = page.get_by_role("link", name="Keys")
    expect(entry).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(entry).to_be_focused()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(menu).to_be_focused()


def test_it_takes_escape_for_no(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    page = alice.tab()
    page.goto(f"{row(page, task_id).locator('.title').get_attribute('href')}")
    page.get_by_role("button", name="Create link").click()
    revoke = page.get_by_role("button", name="Revoke")
    revoke.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    expect(revoke).to_be_focused()


def test_it_removes_a_row_and_brings_it_back(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    page = alice.tab()
    row(page, task_id).get_by_label("More actions for").press("Enter")
    row(page, task_id).get_by_role("button", name="Remove").press("Enter")
    expect(row(page, task_id)).to_have_count(0)
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#messages").get_by_role("button", name="Undo").press("Enter")
    expect(row(page, task_id)).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("1 task restored.")
    expect(page.locator("#messages").get_by_role("button", name="Undo")).to_have_count(0)


def test_it_walks_and_ticks_the_rows(alice: Person) -> None:
    for label in ("first", "second"):
        alice.stored(status="failed", label=label)
    page = alice.tab()
    page.locator(".row .title").first.focus()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".row .title").nth(1)).to_be_focused()
    expect(page.locator("[data-selection-text]")).to_have_text("1 selected")
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection-text]")).to_have_text(re.compile("^Select"))


# The element itself, or a part of the page around it such as its row, has an outline.
OUTLINED = """() => {
  const lit = [];
  for (let one = document.activeElement; one; one = one.parentElement) lit.push(getComputedStyle(one).outlineStyle);
  return [document.activeElement.outerHTML.slice(0, 90), lit.some((style) => style !== 'none')];
}"""


def test_it_shows_where_the_focus_is_on_every_stop(alice: Person) -> None:
    alice.stored(status="failed", label="Paper boat")
    page = alice.tab()
    seen: dict[str, bool] = {}
    for _ in range(40):
        page.keyboard.press("Tab")
        element, is_outlined = page.evaluate(OUTLINED)
        seen[element] = is_outlined
    assert [element for element, is_outlined in seen.items() if not is_outlined and "<body" not in element] == []
    assert len(seen) > 12


def test_it_goes_to_the_first_row_from_anywhere(alice: Person) -> None:
    for label in ("first", "second"):
        alice.stored(status="failed", label=label)
    page = alice.tab()
    page.keyboard.press("j")
    expect(page.locator(".row .title").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".row .title").nth(1)).to_be_focused()
    page.locator("#q").focus()
    page.keyboard.press("j")
    expect(page.locator("#q")).to_have_value("j")
    expect(page.locator("#q")).to_be_focused()


def test_it_shows_its_keys(alice: Person) -> None:
    page = alice.tab()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator("#q").focus()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
