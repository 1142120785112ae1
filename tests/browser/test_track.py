"""Tracking: after a task ID was entered, its row appears and updates by itself."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPerson, quick
from tests.browser.person import Person, Site, row
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess


def test_it_tracks_what_is_pasted_and_shows_it_move(alice: Person) -> None:
    task_id = alice.task("new-api-wrapped", status="queued")
    page = alice.tab()
    page.get_by_label("Task IDs to track").fill(task_id)
    page.keyboard.press("Enter")
    expect(row(page, task_id)).to_have_attribute("data-status", "queued")
    for status in ("in_progress", "completed"):
        alice.site.gateway.change_task(task_id, status=status)
        expect(row(page, task_id)).to_have_attribute("data-status", status)
    expect(row(page, task_id).locator(".status")).to_contain_text("Completed")


def test_it_says_of_each_piece_what_became_of_it(alice: Person) -> None:
    task_id, known = alice.task(status="completed"), alice.tracked(status="completed")
    page = alice.tab()
    page.get_by_label("Task IDs to track").fill(f"{task_id} {known} ..")
    page.get_by_role("button", name="Track", exact=True).click()
    said = page.locator("#track .track-results li")
    expect(said).to_have_count(3)
    assert [line.get_attribute("data-kind") for line in said.all()] == ["added", "known", "malformed"]
    expect(page.get_by_label("Task IDs to track")).to_have_value("..")


def test_it_shows_why_a_task_failed(alice: Person) -> None:
    task_id = alice.task(status="in_progress")
    alice.track(task_id)
    page = alice.tab()
    expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    alice.site.gateway.change_task(task_id, status="failed", error={"code": 50001, "message": "It was not allowed."})
    expect(row(page, task_id).locator(".reason")).to_have_text("It was not allowed.")


def test_it_starts_a_video_and_shows_it_until_it_plays(alice: Person) -> None:
    page = alice.tab("/tasks/create", is_live=False)
    page.get_by_role("textbox", name="Prompt").fill("A paper boat")
    page.get_by_role("combobox", name="Model").fill("amux+short")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("h1")).to_have_text("A paper boat")
    expect(page.locator("#task-state")).to_have_attribute("data-status", "completed")
    expect(page.locator("#task-player video")).to_be_visible()


def test_a_key_in_the_search_is_not_sent(alice: Person) -> None:
    page = alice.tab()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("#q").press_sequentially("sk-canary0000", delay=10)
    page.keyboard.press("Enter")
    page.locator("#q").fill("fox")
    page.wait_for_url("**/?q=fox")
    assert not [url for url in sent if "canary" in url]


def test_a_pasted_command_leaves_no_trace_of_its_key(
    process: ServerProcess, gateway: Gateway, new_person: NewPerson
) -> None:
    process.env = quick(gateway)
    process.start()
    alice = new_person(Site(process, gateway))
    task_id, key = alice.task(status="completed"), "sk-canary-0123456789abcdef"
    page = alice.tab()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.headers}"))
    command = f"curl https://api.amux.ai/v1/videos/{task_id} -H 'Authorization: Bearer {key}'"
    page.get_by_label("Task IDs to track").fill(command)
    page.get_by_role("button", name="Track", exact=True).click()
    expect(row(page, task_id)).to_have_attribute("data-status", "completed")
    expect(page.locator("#track")).to_contain_text("Your paste contained an API key")
    tables = [name for (name,) in process.act("rows", sql="SELECT name FROM sqlite_master WHERE type = 'table'")]
    stored = [process.act("rows", sql=f'SELECT * FROM "{name}"') for name in tables]
    traces = {"page": page.content(), "database": str(stored), "log": "".join(process.output)}
    traces |= {
        "gateway": str(gateway.log()),
        "addresses": str(sent),
        "field": page.locator("#id_task_ids").input_value(),
    }
    assert {where for where, text in traces.items() if "canary" in text} == set()
