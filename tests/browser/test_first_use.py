"""From the link that the first start prints to a playing video in six clicks, and to a colleague in two."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import quick
from tests.browser.person import SOON
from tests.support.gateway import Gateway
from tests.support.processes import PASSWORD, ServerProcess

SECRET = "sk-first-use-0000000000001111"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/setup/[\w-]{32}")


class Clicks:
    """Counts the clicks of one person."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        self.count += 1
        target.click()


def page_of(chromium: Browser, process: ServerProcess) -> Page:
    context = chromium.new_context(base_url=process.url, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(SOON)
    return context.new_page()


def play(page: Page, clicks: Clicks) -> None:
    """Clicks once the first picture is there: before that, Chromium's controls take no click."""
    page.wait_for_function("() => document.querySelector('video').readyState >= 2", timeout=3 * SOON)
    clicks.on(page.locator("video"))
    page.wait_for_function("() => document.querySelector('video').currentTime > 0", timeout=3 * SOON)


@pytest.fixture
def process(tmp_path: Path, gateway: Gateway) -> Iterator[ServerProcess]:
    """A server without members."""
    fresh = ServerProcess(tmp_path / "fresh", **quick(gateway))
    fresh.start()
    yield fresh
    fresh.close()


def test_a_first_use(process: ServerProcess, gateway: Gateway, chromium: Browser) -> None:
    gateway.add_key(SECRET, "first")
    process.eventually(lambda: LINK.search("".join(process.output)))
    found = LINK.search("".join(process.output))
    assert found
    page, clicks, began = page_of(chromium, process), Clicks(), time.monotonic()

    page.goto(found[0])
    page.locator("[name=username]").fill("robin")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    clicks.on(page.get_by_role("button", name="Create admin account"))
    page.locator("[name=label]").fill("Studio")
    page.locator("[name=secret]").fill(SECRET)
    clicks.on(page.get_by_role("button", name="Add and test"))
    clicks.on(page.get_by_role("link", name="New video"))
    page.locator("#id_prompt").fill("A lighthouse in the rain")
    page.locator("#id_model").fill("amux+fast")
    clicks.on(page.get_by_role("button", name="Generate"))
    video = page.locator("video")
    expect(video).to_be_visible(timeout=3 * SOON)
    play(page, clicks)
    assert clicks.count <= 6
    print(f"a first use: {clicks.count} clicks, {time.monotonic() - began:.1f} s")  # the clock

    shared = Clicks()
    shared.on(page.get_by_role("button", name="Share"))
    link = page.locator("#new-link").input_value()
    expect(page.locator("#share-links copy-button").first).to_contain_text("Copied")
    process.act("member", username="kim", is_admin=False)
    colleague = page_of(chromium, process)
    name, _, value = process.session("kim").partition("=")
    colleague.context.add_cookies([{"name": name, "value": value, "url": process.url}])
    colleague.goto(link)
    play(colleague, shared)
    assert shared.count <= 2
    page.context.close()
    colleague.context.close()
