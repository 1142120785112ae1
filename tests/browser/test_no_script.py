"""The dashboard in a browser without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person, Site, row


@pytest.fixture
def dora(site: Site, new_person: NewPerson) -> Person:
    return new_person(site, "dora", java_script_enabled=False)


def test_it_signs_in(dora: Person) -> None:
    dora.sign_out_quietly()
    page = dora.tab(is_live=False)
    dora.sign_in(page)
    expect(page).to_have_title(re.compile("Tasks"))


def test_it_tracks_filters_and_opens_a_task(dora: Person) -> None:
    task_id = dora.task("amux+short", status="completed")
    page = dora.tab(is_live=False)
    page.get_by_label("Task IDs to track").fill(task_id)
    page.get_by_role("button", name="Track", exact=True).click()
    expect(page.locator("#track .track-results")).to_contain_text("was added to the board")
    dora.site.process.eventually(lambda: is_done(dora, task_id))
    page.get_by_role("link", name="Completed").click()
    expect(page).to_have_url(re.compile("status=completed"))
    row(page, task_id).locator(".title").click()
    expect(page.locator("#task-player video")).to_be_visible()
    expect(page.locator("#task-state .status")).to_have_text("Completed")


def is_done(person: Person, task_id: str) -> bool:
    with person.elsewhere() as client:
        return f'data-task-id="{task_id}" data-status="completed"' in client.get("/").text


def test_it_removes_restores_and_deletes(dora: Person) -> None:
    dora.excuse("status of 410")  # the page of a removed task
    number = dora.stored(status="failed", label="Paper boat")
    page = dora.tab(f"/tasks/{number}", is_live=False)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".empty")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".row")).to_have_count(1)
    page.goto(f"/tasks/{number}")
    page.get_by_role("button", name="Remove").click()
    page.goto(f"/tasks/{number}")
    expect(page.locator("h1")).to_have_text("This task was removed")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("h1")).to_have_text("Removed")
    page.goto(f"/tasks/{number}")
    page.get_by_role("button", name="Remove").click()
    page.goto("/removed")
    page.get_by_role("button", name="Delete Paper boat permanently").click()
    expect(page.locator("h1")).to_have_text("Delete 1 task permanently?")
    page.get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_role("heading", name="No removed tasks")).to_be_visible()


def test_it_shares(dora: Person) -> None:
    number = dora.stored(status="failed", label="Paper boat")
    page = dora.tab(f"/tasks/{number}", is_live=False)
    page.get_by_role("link", name="Share links of this video").click()
    page.get_by_role("button", name="Create link").click()
    page.goto(page.locator("#new-link").input_value())
    expect(page.locator("h1")).to_have_text("Paper boat")


def test_it_searches_and_picks_many(dora: Person) -> None:
    for label in ("Paper boat", "Paper kite", "Neon alley"):
        dora.stored(status="failed", label=label)
    page = dora.tab(is_live=False)
    page.locator("#q").fill("paper")
    page.locator("#q").press("Enter")
    expect(page.locator(".row")).to_have_count(2)
    for box in page.locator(".row-checkbox input").all():
        box.check()
    page.locator("#bulk").get_by_role("button", name="Remove…").click()
    expect(page.locator("h1")).to_have_text("Remove 2 tasks?")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#messages")).to_contain_text("2 tasks removed")


@pytest.mark.parametrize("with_script", [True, False])
def test_it_closes_an_account_after_a_question(site: Site, new_person: NewPerson, with_script: bool) -> None:
    admin = new_person(site, "ida", is_admin=True, java_script_enabled=with_script)
    leaver = new_person(site, "leo")
    leaver.track(leaver.task("amux", status="in_progress"))
    page = admin.tab("/people/", is_live=False)
    member = page.locator(".member", has_text=leaver.name)
    member.get_by_role("button", name="Deactivate…").click()
    expect(page.get_by_label("Finish 1 running task")).to_be_checked()
    page.get_by_role("button", name="Deactivate").click()
    expect(member).to_contain_text("Deactivated, finishing 1 task")
    expect(page.locator(".key", has_text=leaver.name)).to_contain_text("is deactivated")
