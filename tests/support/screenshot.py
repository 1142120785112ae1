"""`python -m tests.support.screenshot`: takes the pictures of the README from a demo of its own, 1280x800.

The table in the light theme is docs/board.png, the gallery in the dark one docs/gallery.png.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.demo import start_demo
from tests.support.processes import ROOT
from tests.support.programs import program

PORT = 8099
PICTURES = {"Table": ROOT / "docs" / "board.png", "Gallery": ROOT / "docs" / "gallery.png"}
START = 120.0  # seconds, including the creation of the videos
# Every completed task that is visible has its poster.
DRAWN = """() => [...document.querySelectorAll('.thumbnail[data-status="completed"]')].every((thumbnail) =>
  thumbnail.getBoundingClientRect().top > innerHeight || thumbnail.querySelector('img')?.naturalWidth)"""


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """Runs a demo and yields its URL."""
    process = start_demo(folder, PORT)
    try:
        yield wait_for(f"http://127.0.0.1:{PORT}")
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str) -> str:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return address
    raise RuntimeError("The demo did not start.")


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto(address)
    page.locator("[name=login]").fill("max")
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, demo(Path(name)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        sign_in(page, address, json.loads((Path(name) / "demo.json").read_text())["member_password"])
        expect(page.locator("live-badge")).to_have_text("Live")
        for view, picture in PICTURES.items():
            page.emulate_media(color_scheme="dark" if view == "Gallery" else "light")
            page.get_by_role("button", name=view).click()
            expect(page.locator("live-badge")).to_have_text("Live")
            page.wait_for_function(DRAWN, timeout=60_000)
            expect(page.locator(".row[data-changed]")).to_have_count(0, timeout=10_000)
            page.screenshot(path=picture)
            print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main()
