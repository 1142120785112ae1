"""The scripts in another language. The server has no second one, so the tests add its catalog to the page."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser

CATALOG = "/translations/pl.js"
MESSAGES = {
    "Live": "Na żywo",
    "just now": "przed chwilą",
    "%(count)s s ago": ["sekundę temu", "%(count)s sekundy temu", "%(count)s sekund temu"],
    "%(count)s selected": ["wybrano jedno", "wybrano %(count)s", "wybrano %(count)s"],
    "You're signed in again. What you had typed has been restored.": "Przywrócono wpisany tekst.",
}
MODULE = f"""
    export const messages = {json.dumps(MESSAGES)};
    export const plural = (n) => (n == 1 ? 0 : n < 5 ? 1 : 2);
"""
LINK = f'<link rel="modulepreload" id="translations" href="{CATALOG}">'
DRAFT = """(value) => sessionStorage.setItem("reelboard.drafts", JSON.stringify({
  member: document.body.dataset.member, page: "/", values: [["/tasks/track task_ids", value]],
}))"""
HEAR_INPUT = "addEventListener('input', ({ target }) => { window.heard = target.value; });"


def in_polish(route: Route) -> None:
    answer = route.fetch()
    page = answer.text().replace('<html lang="en"', '<html lang="pl"').replace("</title>", f"</title>{LINK}")
    route.fulfill(response=answer, body=page)


def polish_tab(person: Person, path: str) -> Page:
    page = person.context.new_page()
    page.route(re.compile(rf"{re.escape(path)}$"), lambda route: in_polish(route))
    return page


def test_it_speaks_the_language_of_the_page(alice: Person) -> None:
    for prompt in ("A red fox", "A red kite"):
        alice.stored(status="failed", prompt=prompt)
    page = polish_tab(alice, "/")
    page.route(f"**{CATALOG}", lambda route: route.fulfill(body=MODULE, content_type="text/javascript"))
    page.goto("/")
    expect(page.locator("live-badge")).to_have_text("Na żywo")
    expect(page.locator("relative-time").first).to_have_text(re.compile(r"przed chwilą|\d+ sekund(y)? temu"))
    page.locator("[data-select-page]").check()
    expect(page.locator("[data-selection-text]")).to_have_text("wybrano 2")


def test_it_speaks_english_without_the_catalog(alice: Person) -> None:
    alice.excuse("status of 404")
    page = polish_tab(alice, "/")
    page.goto("/")
    expect(page.locator("live-badge")).to_have_text("Live")


def test_a_late_catalog_loses_no_draft(alice: Person) -> None:
    held: list[Route] = []
    alice.tab("/").evaluate(DRAFT, "task-typed")
    page = alice.context.pages[0]
    page.add_init_script(HEAR_INPUT)
    page.route(re.compile("/$"), lambda route: in_polish(route))
    page.route(f"**{CATALOG}", lambda route: held.append(route))
    page.reload(wait_until="domcontentloaded")
    field = page.get_by_label("Task IDs to track")
    expect(field).to_have_value("")
    held[0].fulfill(body=MODULE, content_type="text/javascript")
    expect(field).to_have_value("task-typed")
    expect(page.locator("message-list")).to_contain_text("Przywrócono wpisany tekst.")
    page.wait_for_function("window.heard === 'task-typed'")
