"""Every page: no violations found by axe-core in both themes, and none found by html-validate."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPerson
from tests.browser.page_matrix import addresses
from tests.browser.person import Person, Site
from tests.support.processes import ROOT

PACKAGES = ROOT / "node_modules"
LONG_AGO = "2025-11-03T10:00:00+00:00"
ALL_SIZES = {"smallest": (320, 640), "phone": (390, 844), "wide": (1280, 800), "widest": (1920, 1080)}
# Two of the sizes by default; `make soak` uses all of them.
SIZES = {name: ALL_SIZES[name] for name in os.environ.get("PAGE_SIZES", "phone,wide").split(",")}
RULES = {
    "root": True,
    "extends": ["html-validate:recommended"],
    "rules": {
        "no-trailing-whitespace": "off",  # conditions in templates leave spaces at the ends of lines
        "form-dup-name": ["error", {"shared": ["radio", "button", "reset", "submit", "checkbox"]}],
    },
}
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .map(one => `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`)"""


@pytest.fixture
def ada(own_site: Site, new_person: NewPerson) -> Person:
    """An admin on a site of her own, because admins see everybody's tasks."""
    return new_person(own_site, "ada", is_admin=True)


def package(path: str) -> Path:
    """Returns a file of an npm package. Skips the test if it is not installed, but fails it if CI=true."""
    found = PACKAGES / path
    if not found.exists():
        reason = f"{path} is not installed: run `make setup`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def kinds_of_tasks(person: Person) -> list[str]:
    words = {"label": "Harbor at dawn", "prompt": "Fog over a harbor at dawn", "model": "sora-2"}
    kinds: list[dict[str, object]] = [
        {"status": "queued", "condition": "checking"},
        {"status": "in_progress", "progress": 40, "created_at": LONG_AGO},
        {"status": "in_progress", "condition": "overdue", "progress": 40},
        {"status": "queued", "condition": "unclear"},
        {"status": "failed", "error_message": "It was too long.", "raw": '{"error": "It was too long."}'},
        {"status": "completed", "copy_state": "gone"},
    ]
    return [person.stored(upstream_id=f"task-{number}", **words, **kind) for number, kind in enumerate(kinds)]


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    return [str(one) for one in page.evaluate(RUN)]


GALLERY = "/?sort="  # with any query, so that it differs from the table


def looks(page: Page, sizes: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Shows the page in each theme and size."""
    for name, (width, height) in sizes.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, forced_colors="none", reduced_motion="reduce")
            yield f"{name}, {scheme}"
        page.emulate_media(forced_colors="active")
        yield f"{name}, forced colors"


def found_on_every_page(ada: Person, sizes: dict[str, tuple[int, int]]) -> dict[str, list[str]]:
    axe = package("axe-core/axe.min.js").read_text()
    ada.excuse("status of 404", "status of 410")  # the pages with these statuses
    numbers = kinds_of_tasks(ada)
    ada.post(f"/tasks/{ada.stored(status='failed', label='Gone')}/delete")
    ada.post(f"/tasks/{numbers[0]}/tags", tags="launch, client A")
    page = ada.context.new_page()
    found = {}
    more = ["/?since=7d&condition=attention", "/tasks/create?again=" + numbers[1], GALLERY]
    for address in [*addresses(ada, numbers), *more]:
        if address == GALLERY:
            ada.post("/view", view="gallery")
        page.goto(address)
        for look in looks(page, sizes):
            if wrong := violations(page, axe):
                found[f"{address[:60]}, {look}"] = wrong
    return found


def test_axe_finds_nothing_wrong(ada: Person) -> None:
    assert found_on_every_page(ada, SIZES) == {}


def test_every_page_is_valid_html(ada: Person, tmp_path: Path) -> None:
    package("html-validate/package.json")
    numbers = kinds_of_tasks(ada)
    names = {}
    with ada.elsewhere() as client:
        for number, address in enumerate(addresses(ada, numbers)):
            path = tmp_path / f"{number}.html"
            path.write_text(client.get(address).text)
            names[str(path)] = address
    report = tmp_path / "report.json"
    (tmp_path / "rules.json").write_text(json.dumps(RULES))
    program = str(PACKAGES / ".bin/html-validate")
    command = [program, "--config", "rules.json", "--formatter", f"json={report}", *names]
    subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)
    found = {
        f"{one['ruleId']}: {one['message']}": f"{names[page['filePath']][:60]}:{one['line']}"
        for page in json.loads(report.read_text())
        for one in page["messages"]
    }
    assert found == {}
