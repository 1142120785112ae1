"""An open page while its server stops and comes back: it says so, and misses nothing."""

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person, Site, badge, row

NETWORK = ("net::ERR_", "status of 502", "status of 503", "MIME type", "EventSource")


@pytest.fixture
def carol(own_site: Site, new_person: NewPerson) -> Person:
    person = new_person(own_site, "carol")
    person.excuse(*NETWORK)
    return person


def marked_tab(person: Person) -> Page:
    """A live board with a mark that a reload would remove."""
    page = person.tab()
    page.evaluate("() => (window.marked = true)")
    return page


def test_it_comes_back_after_a_crash_with_what_it_missed(carol: Person) -> None:
    moving, named = carol.tracked(status="queued"), carol.stored(status="failed", label="Old name")
    page = marked_tab(carol)
    expect(row(page, moving)).to_have_attribute("data-status", "queued")
    carol.site.process.kill()
    expect(badge(page)).to_have_text("Reconnecting")
    carol.site.process.act("relabel", task=named, label="New name")
    carol.site.gateway.change_task(moving, status="completed")
    carol.site.process.start()
    expect(badge(page)).to_have_text("Live", timeout=20_000)
    expect(page.locator(f"#task-{named} .title")).to_have_text("New name")
    # The server was killed in the middle of a poll, and left a lease of 30 s behind.
    expect(row(page, moving)).to_have_attribute("data-status", "completed", timeout=45_000)
    assert page.evaluate("() => window.marked")


def test_it_comes_back_after_an_orderly_restart(carol: Person) -> None:
    task_id = carol.tracked(status="queued")
    page = marked_tab(carol)
    carol.site.process.restart()
    expect(badge(page)).to_have_text("Live", timeout=20_000)
    carol.site.gateway.change_task(task_id, status="in_progress")
    expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    assert page.evaluate("() => window.marked")


def test_it_says_since_when_it_is_stale(carol: Person) -> None:
    page = carol.context.new_page()
    page.clock.install()
    page.goto("/")
    expect(badge(page)).to_have_text("Live")
    carol.site.process.kill()
    expect(badge(page)).to_have_text("Reconnecting")
    page.clock.fast_forward(25_000)
    expect(badge(page)).to_have_text(re.compile(r"^Stale since \d\d:\d\d$"))
    carol.site.process.start()
    page.clock.fast_forward(30_000)
    expect(badge(page)).to_have_text("Live")


def test_it_outlasts_a_bad_update(carol: Person) -> None:
    page = carol.context.new_page()
    page.clock.install()
    page.goto("/")
    expect(badge(page)).to_have_text("Live")
    answers: list[tuple[int, str]] = []

    def refuse(route: Route) -> None:
        status, body = [(502, "Bad gateway"), (503, "Later"), (200, "<form>Sign in</form>")][len(answers) % 3]
        answers.append((status, body))
        route.fulfill(status=status, body=body, content_type="text/html")

    page.route("**/events*", refuse)
    carol.site.process.restart()
    for _ in range(30):
        page.clock.run_for(5_000)
    assert len(answers) > 6
    expect(badge(page)).to_have_text(re.compile("Reconnecting|Stale"))
    page.unroute("**/events*")
    task_id = carol.tracked(status="queued")
    page.clock.fast_forward(30_000)
    expect(badge(page)).to_have_text("Live")
    expect(row(page, task_id)).to_be_visible()


def test_it_comes_again_when_the_server_said(carol: Person) -> None:
    page = carol.context.new_page()
    carol.excuse("status of 429")
    asked: list[float] = []

    def refuse(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) <= 2:  # the stream, and the request for the reason why there is none
            route.fulfill(status=429, headers={"Retry-After": "4"}, body="Too many.")
        else:
            route.continue_()

    page.route("**/events?*", refuse)
    page.goto("/")
    expect(badge(page)).to_have_text("Live", timeout=60_000)
    assert asked[2] - asked[1] >= 4
