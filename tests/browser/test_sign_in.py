"""Signing in, and what happens to a page when its session ends."""

import re

from playwright.sync_api import expect

from tests.browser.person import Person, Site, badge
from tests.support.processes import PASSWORD


def test_it_signs_in_and_shows_the_board_live(alice: Person) -> None:
    alice.sign_out_quietly()
    page = alice.tab(is_live=False)
    expect(page).to_have_title(re.compile("Sign in"))
    alice.sign_in(page)
    expect(page).to_have_title(re.compile("Tasks"))
    expect(badge(page)).to_have_text("Live")


def test_it_comes_back_to_the_page_that_was_asked_for(alice: Person) -> None:
    alice.sign_out_quietly()
    page = alice.tab("/?status=failed", is_live=False)
    alice.sign_in(page)
    expect(page).to_have_url(re.compile(r"/\?status=failed$"))


def test_it_leads_every_tab_to_the_login_page_once_the_session_ends(alice: Person) -> None:
    alice.excuse("status of 401")
    pages = [alice.tab(), alice.tab("/?status=queued")]
    alice.post("/accounts/logout/")
    for page in pages:
        expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    alice.sign_in(pages[1])
    expect(pages[1]).to_have_url(re.compile(r"/\?status=queued$"))


def test_it_signs_out_from_the_menu(alice: Person) -> None:
    alice.excuse("status of 401")
    page = alice.tab()
    page.get_by_label(f"{alice.name}: menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/"))


def test_it_gives_back_what_was_typed_when_the_session_ended(alice: Person) -> None:
    page = alice.tab("/tasks/create", is_live=False)
    page.locator("#id_prompt").fill("A lighthouse\nin the rain")
    page.locator("#id_model").fill("reel-2")
    page.get_by_text("Advanced").click()
    page.locator("#id_seed").fill("7")
    alice.context.clear_cookies(name="reelboard_session")
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=%2Ftasks%2Fcreate&ended=on$"))
    alice.sign_in(page)
    expect(page.locator("#id_prompt")).to_have_value("A lighthouse\nin the rain")
    expect(page.locator("#id_model")).to_have_value("reel-2")
    expect(page.locator("#id_seed")).to_have_value("7")
    expect(page.locator("message-list")).to_contain_text("What you had typed has been restored.")
    page.reload()
    expect(page.locator("#id_prompt")).to_have_value("A lighthouse\nin the rain")
    page.get_by_role("button", name="Discard draft").click()
    expect(page.locator("#id_prompt")).to_have_value("")


def test_it_gives_back_ids_that_were_pasted(alice: Person) -> None:
    alice.excuse("status of 401")
    page = alice.tab()
    page.get_by_label("Task IDs to track").fill("task-typed")
    alice.post("/accounts/logout/")
    expect(page).to_have_url(re.compile(r"/accounts/login/"))
    alice.sign_in(page)
    expect(page.get_by_label("Task IDs to track")).to_have_value("task-typed")


def test_it_gives_it_to_nobody_else(alice: Person, site: Site) -> None:
    page = alice.tab("/tasks/create", is_live=False)
    page.locator("#id_prompt").fill("Not for others")
    page.locator("#id_model").fill("reel-2")
    alice.context.clear_cookies(name="reelboard_session")
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/"))
    site.process.act("member", username=f"{alice.name}-next", is_admin=False)
    page.locator("[name=login]").fill(f"{alice.name}-next")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/tasks/create$"))
    expect(page.locator("#id_prompt")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('reelboard.drafts')") is None
    assert page.evaluate("sessionStorage.getItem('reelboard.create-draft')") is None
