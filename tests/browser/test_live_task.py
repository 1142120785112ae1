"""A task's own page while the task changes."""

from playwright.sync_api import Page, expect

from tests.browser.person import SOON, Person, row


def task_page(person: Person, task_id: str) -> Page:
    page = person.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    row(page, task_id).locator(".title").click()
    expect(page.locator("#task-state")).to_have_attribute("data-status", "in_progress")
    return page


def test_it_moves_while_its_label_is_being_typed(alice: Person) -> None:
    task_id = alice.tracked("amux+short", status="in_progress")
    page = task_page(alice, task_id)
    box = page.get_by_role("textbox", name="Title")
    box.fill("half a name")
    alice.site.gateway.change_task(task_id, status="completed")
    expect(page.locator("#task-state")).to_have_attribute("data-status", "completed")
    expect(page.locator("#task-player video")).to_be_visible()
    expect(box).to_be_focused()
    expect(box).to_have_value("half a name")


def test_its_actions_are_those_of_its_state(alice: Person) -> None:
    task_id = alice.tracked("amux+short", status="in_progress")
    page = task_page(alice, task_id)
    actions = page.locator("#task-actions")
    expect(actions.get_by_role("button", name="Check now")).to_be_visible()
    expect(actions.get_by_role("link", name="Download")).to_have_count(0)
    alice.site.gateway.change_task(task_id, status="completed")
    expect(actions.get_by_role("link", name="Download")).to_be_visible()
    expect(actions.get_by_role("button", name="Check now")).to_have_count(0)
    with page.expect_download() as coming:
        actions.get_by_role("link", name="Download").click()
    assert coming.value.path().stat().st_size > 0


def test_its_player_says_what_stands_between_as_long_as_it_does(alice: Person) -> None:
    task_id = alice.tracked(status="in_progress")
    page = task_page(alice, task_id)
    player = page.locator("#task-player")
    fault = alice.site.gateway.fault("no-status", task=task_id, times=1_000)
    expect(player).to_contain_text("No status reported", timeout=SOON * 3)
    alice.site.gateway.lift(fault)
    expect(page.locator("#task-state")).to_have_attribute("data-condition", "", timeout=SOON * 3)
    expect(player).not_to_contain_text("No status reported")


def test_it_keeps_the_raw_answer_unfolded(alice: Person) -> None:
    task_id = alice.tracked("new-api-wrapped", status="in_progress")
    page = task_page(alice, task_id)
    page.get_by_text("Raw response").click()
    expect(page.locator("#task-state details.raw")).to_have_attribute("open", "")
    alice.site.gateway.change_task(task_id, status="failed", error={"message": "Not today."})
    expect(page.locator("#task-state")).to_have_attribute("data-status", "failed")
    expect(page.locator("[data-key=failure]")).to_contain_text("Not today.")
    expect(page.locator("#task-state details.raw")).to_have_attribute("open", "")


def test_it_says_when_somebody_stopped_it(alice: Person) -> None:
    task_id = alice.tracked(status="in_progress")
    page = task_page(alice, task_id)
    alice.post(page.url + "/delete", confirmed="on")
    expect(page.locator("#messages")).to_contain_text("This task was removed")


def test_actions_that_came_with_a_change_stay_on_the_page(alice: Person) -> None:
    task_id = alice.tracked(status="in_progress")
    page = alice.tab()
    row(page, task_id).locator(".title").click()
    expect(page.locator("#task-actions")).to_contain_text("Check now")
    alice.site.gateway.change_task(task_id, status="completed")
    expect(page.locator("#task-actions")).to_contain_text("Download")
    address = page.url
    page.locator("#task-actions").get_by_role("button", name="Share").click()
    expect(page.locator("#share-links #new-link")).to_be_visible()
    assert page.url == address
