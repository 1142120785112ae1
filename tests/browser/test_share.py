"""A link, created by one member and opened by another."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import SOON, Person, row


def make_link(page: Page) -> str:
    """Creates a link on the task's page."""
    page.get_by_role("button", name="Create link").click()
    return page.locator("#new-link").input_value()


def task_page(person: Person, **fields: object) -> Page:
    task_id = person.tracked("amux+short", **fields)
    page = person.tab()
    row(page, task_id).locator(".title").click()
    expect(page.locator("#task-state")).to_be_visible()
    return page


def test_it_plays_for_whoever_gets_the_link(alice: Person, bob: Person) -> None:
    link = make_link(task_page(alice, status="completed"))
    page = bob.tab(link, is_live=False)
    expect(page.locator(".subtle").first).to_contain_text(f"Shared by {alice.name}")
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; return video.play() }")
    page.wait_for_function("video => video.currentTime > 0.3", arg=video.element_handle())
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").first.click()
    assert coming.value.path().stat().st_size == (alice.site.gateway.videos_dir / "short.mp4").stat().st_size


def test_it_moves_for_whoever_gets_the_link(alice: Person, bob: Person) -> None:
    mine = task_page(alice, status="in_progress")
    task_id = mine.locator("#task-state code").first.inner_text()
    page = bob.tab(make_link(mine))  # the page says "Live"
    expect(page.locator("#shared-state .status")).to_have_text("In progress")
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    alice.site.gateway.change_task(task_id, status="completed")
    expect(page.locator("#shared-state .status")).to_have_text("Completed")
    expect(page.locator("video")).to_be_visible()
    expect(page.locator("#shared-actions").get_by_role("link", name="Download")).to_be_visible()


def test_it_ends_once_the_link_is_revoked(alice: Person, bob: Person) -> None:
    bob.excuse("status of 404", "status of 410")
    mine = task_page(alice, status="completed")
    link = make_link(mine)
    mine.get_by_role("button", name="Revoke").click()
    mine.locator("#confirm").get_by_role("button", name="Revoke").click()
    expect(mine.locator("#task-links")).to_contain_text("Revoked")
    page = bob.tab(link, is_live=False)
    expect(page.locator("h1")).to_have_text("This link has expired")


@pytest.mark.parametrize(("links", "share"), [(700, 1400), (1400, 0)])
def test_a_link_is_shown_even_if_the_others_come_late(alice: Person, links: int, share: int) -> None:
    """`links`, `share`: milliseconds by which these requests are delayed."""
    page = alice.tab(f"/tasks/{alice.stored(status='failed')}")
    page.add_init_script(
        """{
      const open = XMLHttpRequest.prototype.open, send = XMLHttpRequest.prototype.send;
      XMLHttpRequest.prototype.open = function (method, url, ...more) {
        this.wait = url.endsWith("/links") ? LINKS : url.endsWith("/share") ? SHARE : 0;
        return open.call(this, method, url, ...more);
      };
      XMLHttpRequest.prototype.send = function (body) { setTimeout(() => send.call(this, body), this.wait); };
    }""".replace("LINKS", str(links)).replace("SHARE", str(share))
    )
    page.reload()
    page.locator("#task-actions").get_by_role("button", name="Share").click()
    expect(page.locator("#new-link")).to_be_visible()
    page.wait_for_timeout(1_500)
    expect(page.locator("#new-link")).to_be_visible()


def test_the_header_makes_a_link_with_one_click(alice: Person) -> None:
    page = task_page(alice, status="completed")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#task-actions").get_by_role("button", name="Share").click()
    link = page.locator("#new-link").input_value()
    page.wait_for_function("async link => await navigator.clipboard.readText() === link", arg=link)


def test_a_page_that_is_open_says_that_its_link_was_revoked(alice: Person, bob: Person) -> None:
    bob.excuse("status of 404", "status of 410")
    mine = task_page(alice, status="in_progress")
    page = bob.tab(make_link(mine))
    mine.get_by_role("button", name="Revoke").click()
    mine.locator("#confirm").get_by_role("button", name="Revoke").click()
    expect(page.locator("h1")).to_have_text("This link has expired", timeout=SOON * 3)
    expect(page.locator("video, #task-player")).to_have_count(0)


def test_a_player_that_was_started_is_left_alone(alice: Person, bob: Person) -> None:
    mine = task_page(alice, status="completed")
    page = bob.tab(make_link(mine))
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; window.started = video; return video.play() }")
    mine.get_by_label("Title", exact=True).fill("Another title")
    with page.expect_response(lambda response: "/state" in response.url) as answered:
        mine.locator("#task-label").get_by_role("button", name="Save").click()
    assert answered.value.status == 204
    assert page.evaluate("document.querySelector('video') === window.started")


def test_it_asks_a_stranger_to_sign_in_first(alice: Person, bob: Person) -> None:
    link = make_link(task_page(alice, status="completed"))
    bob.sign_out_quietly()
    page = bob.tab(link, is_live=False)
    expect(page).to_have_url(re.compile("/accounts/login/"))
    bob.sign_in(page)
    expect(page.locator("video")).to_be_visible()
