"""Signing in, and what becomes of a page whose session ends."""

import re

from playwright.sync_api import expect

from tests.browser.people import Person, badge


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
