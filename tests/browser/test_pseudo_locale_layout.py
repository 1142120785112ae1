"""Texts that are 40 % longer fit everywhere, and no text of the scripts is left in English."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson, quick
from tests.browser.page_matrix import addresses, tasks_of_every_kind
from tests.browser.person import Person, Site
from tests.browser.test_layout import CUT_WITHOUT_ELLIPSIS, OUTSIDE, OVERLAPS
from tests.browser.test_pages import TOO_WIDE
from tests.support import pseudo_locale
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess

HEADERS = {"Accept-Language": pseudo_locale.CODE}


@pytest.fixture
def ada(process: ServerProcess, gateway: Gateway, new_person: NewPerson, tmp_path: Path) -> Person:
    pseudo_locale.write_catalogs(tmp_path / "locale")
    process.env = quick(gateway) | {
        "DJANGO_SETTINGS_MODULE": "tests.support.pseudo_settings",
        "PSEUDO_LOCALE": str(tmp_path / "locale"),
    }
    process.start()
    person = new_person(Site(process, gateway), "ada", is_admin=True, extra_http_headers=HEADERS)
    person.excuse("status of 404", "status of 410", "status of 502")  # pages with these statuses
    return person


def test_no_page_is_too_narrow_for_longer_texts(ada: Person) -> None:
    numbers = tasks_of_every_kind(ada)
    paths = [("table", path) for path in addresses(ada, numbers)] + [("gallery", "/")]
    page = ada.context.new_page()
    found: dict[str, object] = {}
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for view, path in paths:
            if path == "/":
                ada.post("/view", view=view)
            page.goto(path)
            expect(page.locator("html")).to_have_attribute("lang", pseudo_locale.CODE)
            problems = [page.evaluate(script) for script in (TOO_WIDE, OVERLAPS, CUT_WITHOUT_ELLIPSIS, OUTSIDE)]
            if any(problems):
                found[f"{width} {view} {path[:60]}"] = problems
    assert found == {}


def test_scripts_speak_the_language_of_the_page(ada: Person) -> None:
    ada.stored(status="failed")
    page = ada.context.new_page()
    page.goto("/")
    expect(page.locator("live-badge")).to_contain_text("⟦")
    expect(page.locator(".row relative-time").first).to_contain_text("⟦")
    expect(page.locator(".row .status").first).to_contain_text("⟦")
