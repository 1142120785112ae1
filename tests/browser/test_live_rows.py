"""What the board does by itself while somebody uses it."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person, Site, row

# Anything that a person would notice if it changed while they use the page.
HANDS = """() => ({
  focus: document.activeElement.id,
  caret: [document.activeElement.selectionStart, document.activeElement.value],
  top: Math.round(document.querySelector('.row:nth-child(12)').getBoundingClientRect().top),
  ticked: [...document.querySelectorAll('.row-checkbox input:checked')].map((box) => box.value),
  menus: document.querySelectorAll('details.menu[open]').length,
  rows: rowsBefore.filter((row) => row.isConnected).length,
})"""
SAVE_ROWS = "() => void (window.rowsBefore = [...document.querySelectorAll('.row')])"


def full_board(person: Person, task_id: str) -> Page:
    """A board that is long enough to scroll, with the task's row on it."""
    for number in range(40):
        person.stored(status="failed", upstream_id=f"old-{number}", label=f"Video {number}")
    person.track(task_id)
    number = person.site.process.act("rows", sql=f"SELECT id FROM task WHERE upstream_id = '{task_id}'")[0][0]
    person.post(f"/tasks/{UUID(number)}/label", label="Video in the making")
    page = person.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    page.evaluate(SAVE_ROWS)
    return page


def test_it_changes_a_row_under_a_person_who_types_ticks_and_scrolls(alice: Person) -> None:
    task_id = alice.task(status="in_progress")
    page = full_board(alice, task_id)
    row(page, "old-30").locator(".row-checkbox input").check()
    row(page, task_id).locator(".row-checkbox input").check()
    page.mouse.wheel(0, 300)
    page.wait_for_function("() => scrollY > 200")
    box = page.get_by_label("Tag for the selected tasks")
    box.fill("half a name")
    box.evaluate("box => box.setSelectionRange(4, 4)")
    before = page.evaluate(HANDS)
    alice.site.gateway.change_task(task_id, status="completed")
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    assert page.evaluate(HANDS) == before
    assert before["rows"] == 41
    assert before["caret"] == [4, "half a name"]
    assert len(before["ticked"]) == 2
    expect(page.locator("[data-selection-text]")).to_have_text("2 selected")


def test_it_changes_a_row_whose_menu_is_open(alice: Person) -> None:
    task_id = alice.task(status="in_progress")
    page = full_board(alice, task_id)
    row(page, task_id).hover()
    row(page, task_id).get_by_label("More actions for").click()
    entry = row(page, task_id).get_by_role("link", name="Generate again…")
    entry.focus()
    alice.site.gateway.change_task(task_id, status="completed")
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    expect(entry).to_be_focused()
    expect(entry).to_be_visible()


def test_it_leaves_a_half_typed_search_alone(alice: Person) -> None:
    task_id = alice.task(status="in_progress")
    page = full_board(alice, task_id)
    search = page.locator("#q")
    search.press_sequentially("vid")
    expect(page).to_have_url(re.compile(r"q=vid$"))
    search.evaluate("box => box.setSelectionRange(1, 1)")
    alice.site.gateway.change_task(task_id, status="completed")
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    expect(search).to_be_focused()
    assert search.evaluate("box => [box.value, box.selectionStart]") == ["vid", 1]


def test_it_puts_a_new_task_on_top_without_moving_what_is_read(alice: Person) -> None:
    page = full_board(alice, alice.task(status="in_progress"))
    page.mouse.wheel(0, 400)
    page.wait_for_function("() => scrollY > 300")
    top = page.evaluate("() => document.querySelector('[data-task-id=old-30]').getBoundingClientRect().top")
    task_id = alice.tracked(status="queued")
    expect(row(page, task_id)).to_have_attribute("data-status", "queued")
    assert page.locator(".row").first.get_attribute("data-task-id") == task_id
    now = page.evaluate("() => document.querySelector('[data-task-id=old-30]').getBoundingClientRect().top")
    assert abs(now - top) < 2


def test_it_shows_the_first_task_on_an_empty_board(alice: Person) -> None:
    page = alice.tab()
    expect(page.locator(".empty")).to_be_visible()
    task_id = alice.tracked(status="queued")
    expect(row(page, task_id)).to_be_visible()
    expect(page.locator(".empty")).to_have_count(0)


def test_it_keeps_other_members_tasks_away(alice: Person, bob: Person) -> None:
    page = alice.tab()
    foreign, own = bob.tracked(status="queued"), alice.tracked(status="queued")
    expect(row(page, own)).to_be_visible()
    expect(row(page, foreign)).to_have_count(0)


def test_it_counts_along_on_the_chips(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    page = alice.tab()
    for status in ("in_progress", "completed"):
        alice.site.gateway.change_task(task_id, status=status)
        expect(page.locator(f"#chip-{status} b")).to_have_text("1")
    expect(page.locator("#chip-queued b")).to_have_text("0")
    expect(page.locator("#chip-all b")).to_have_text("1")


def test_it_lets_the_elapsed_time_tick(alice: Person) -> None:
    task_id = alice.tracked(status="in_progress")
    page = alice.tab()
    clock = row(page, task_id).locator("elapsed-time")
    expect(clock).to_have_text(re.compile(r"^0:0\d$"))
    shown = clock.inner_text()
    expect(clock).not_to_have_text(shown)


def test_it_takes_a_row_away_that_was_deleted_elsewhere(alice: Person) -> None:
    first, second = alice.tracked(status="queued"), alice.tracked(status="queued")
    page = alice.tab()
    href = row(page, first).locator(".title").get_attribute("href") or ""
    alice.post(f"{href}/delete", confirmed="on")
    expect(row(page, first)).to_have_count(0)
    expect(row(page, second)).to_be_visible()


def test_it_keeps_a_row_that_leaves_its_filter_until_the_next_look(alice: Person) -> None:
    task_id = alice.tracked(status="in_progress")
    page = alice.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    page.locator("#chip-in_progress").click()
    expect(page).to_have_url(re.compile("status=in_progress"))
    alice.site.gateway.change_task(task_id, status="completed")
    expect(row(page, task_id)).to_have_attribute("data-filtered-out", "")
    page.locator("#chip-completed").click()
    expect(row(page, task_id)).not_to_have_attribute("data-filtered-out", "")


def test_a_transferred_task_appears_on_its_new_owners_board(
    alice: Person, bob: Person, site: Site, new_person: NewPerson
) -> None:
    ada = new_person(site, "ada", is_admin=True)
    number = alice.stored(status="completed", prompt="A sea")
    page = bob.tab()
    expect(page.locator(f"#task-{number}")).to_have_count(0)
    people = ada.tab(f"/people/?q={alice.name}", is_live=False)
    people.locator(".member", has_text=alice.name).get_by_role("button", name="Deactivate…").click()
    people.get_by_label("Transfer tasks to").select_option(label=bob.name)
    people.get_by_role("button", name="Deactivate").click()
    expect(people.locator("message-list")).to_contain_text("1 task transferred")
    expect(page.locator(f"#task-{number}")).to_contain_text("A sea")
