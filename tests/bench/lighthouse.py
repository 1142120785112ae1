"""`python -m tests.bench.lighthouse`: Lighthouse on the board and a task's page, signed in, with an empty cache.

Not part of `make bench`, because npx downloads Lighthouse. Prints the median of RUNS runs for each page and form.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.bench.results import Figure, text
from tests.support.demo import start_demo
from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.screenshot import DRAWN, sign_in, wait_for

LIGHTHOUSE = "lighthouse@12"
RUNS = 5
CATEGORIES = ("performance", "accessibility", "best-practices")
REACH = {"mobile": 95, "desktop": 97}


@contextmanager
def signed_in(folder: Path, debugging_port: int) -> Iterator[tuple[BrowserContext, Page]]:
    """Yields a browser with the board of a demo open, once its posters are there."""
    port = free_port()
    demo = start_demo(folder, port)
    try:
        address = wait_for(f"http://127.0.0.1:{port}")
        with sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                folder / "browser",
                executable_path=program("chromium"),
                args=["--no-sandbox", f"--remote-debugging-port={debugging_port}"],
            )
            page = context.new_page()
            sign_in(page, address, json.loads((folder / "demo.json").read_text())["member_password"])
            page.wait_for_function(DRAWN, timeout=60_000)
            yield context, page
            context.close()
    finally:
        demo.terminate()
        demo.wait(20)


def scores(context: BrowserContext, page: Page, url: str, form: str, debugging_port: int) -> dict[str, float]:
    context.new_cdp_session(page).send("Network.clearBrowserCache")
    preset = ["--preset=desktop"] if form == "desktop" else []
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--port={debugging_port}", *preset]
    command += ["--disable-storage-reset", f"--only-categories={','.join(CATEGORIES)}"]
    found = subprocess.run(command, capture_output=True, check=True, timeout=300, env=os.environ)
    report = json.loads(found.stdout)
    assert report["finalDisplayedUrl"] == url, f"it was sent to {report['finalDisplayedUrl']}"
    return {name: 100 * report["categories"][name]["score"] for name in CATEGORIES}


def main() -> None:
    figures = []
    port = free_port()
    with tempfile.TemporaryDirectory() as name, signed_in(Path(name), port) as (context, page):
        origin = page.evaluate("location.origin")
        task = page.locator('.row[data-status="completed"] .title').first.get_attribute("href")
        page.close()
        page = context.new_page()
        time.sleep(5)  # the demo's tasks come to rest
        for what, url in (("board", f"{origin}/"), ("task", f"{origin}{task}")):
            for form, wanted in REACH.items():
                runs = [scores(context, page, url, form, port) for _ in range(RUNS)]
                for category in CATEGORIES:
                    value = median(run[category] for run in runs)
                    figures.append(
                        Figure(
                            what=f"{what}, {form}: {category}",
                            value=round(value),
                            unit="of 100",
                            reach=f">= {wanted}",
                            reached=value >= wanted,
                        )
                    )
                print(figures[-3].what, [round(run["performance"]) for run in runs], file=sys.stderr, flush=True)
    print(text(figures))


if __name__ == "__main__":
    main()
