"""Many tabs of one browser share one stream, whichever tabs open and close."""

import re

from playwright.sync_api import expect

from tests.browser.person import Person, badge, row


def test_it_shares_one_stream_between_two_tabs(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    pages = [alice.tab(), alice.tab()]
    alice.site.gateway.change_task(task_id, status="in_progress")
    for page in pages:
        expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    assert len(alice.streams) == 1


def test_it_hands_the_stream_on_when_its_tab_is_closed(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    first, second = alice.tab(), alice.tab()
    first.close()
    expect(badge(second)).to_have_text("Live")
    alice.site.gateway.change_task(task_id, status="completed")
    expect(row(second, task_id)).to_have_attribute("data-status", "completed")
    assert len(alice.streams) == 2


def test_it_stays_live_after_going_back(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    page = alice.tab()
    row(page, task_id).locator(".title").click()
    expect(page.locator("#task-state")).to_be_visible()
    page.go_back()
    expect(badge(page)).to_have_text("Live")
    alice.site.gateway.change_task(task_id, status="in_progress")
    expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")


def test_it_serves_ten_tabs_over_http_1(alice: Person) -> None:
    task_id = alice.tracked(status="queued")
    pages = [alice.tab() for _ in range(10)]
    alice.site.gateway.change_task(task_id, status="in_progress")
    for page in pages:
        expect(row(page, task_id)).to_have_attribute("data-status", "in_progress")
    assert len(alice.streams) == 1
    assert pages[0].evaluate("() => performance.getEntriesByType('navigation')[0].nextHopProtocol") == "http/1.1"
    pages[9].locator("#chip-in_progress").click()
    expect(pages[9]).to_have_url(re.compile("status=in_progress"))
