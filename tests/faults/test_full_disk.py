"""SQLite on a full disk: pages are readable, writes are refused with a clear message, and everything recovers."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.scale.cluster import post
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import BROKEN_HISTORIES, ServerProcess, new_process

pytestmark = pytest.mark.server

DISK = "24m"
FULL = 6.0  # seconds
PAGES = ("/", "/?status=completed", "/keys/", "/healthz")
ENDS = "SELECT upstream_id, status FROM task WHERE next_poll_at IS NULL"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk for the test. Skips the test if nothing can be mounted, but fails it if CI=true."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        reason = f"a small disk can't be mounted: {done.stderr.strip()}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def process(disk: Path, gateway: Gateway) -> Iterator[ServerProcess]:
    made = new_process(disk, POLLER="embedded", AMUX_BASE_URL=gateway.url, POLL_EVERY="0.5")
    yield made
    made.close()


def fill(disk: Path) -> None:
    """Fills the disk to the last byte, so that the database has no room to grow."""
    with (disk / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(4096))


def tracked(process: ServerProcess, gateway: Gateway) -> list[str]:
    """Tasks that stay in progress until the test ends them."""
    key_id = process.act("key", owner="alice", secret=ALICE_KEY)
    ids = [gateway.add_task("amux+stuck") for _ in range(30)]
    process.act("tracked", owner="alice", key=key_id, upstream_ids=ids)
    return ids


def end(gateway: Gateway, ids: list[str]) -> dict[str, str]:
    outcomes = {upstream_id: ("completed", "failed")[at % 2] for at, upstream_id in enumerate(ids)}
    for upstream_id, status in outcomes.items():
        gateway.change_task(upstream_id, status=status)
    return outcomes


def is_told_that_it_failed(browser: httpx.Client, task: str) -> bool:
    answer = post(browser, f"/tasks/{task}/label", label="while it was full")
    assert answer.status_code in (302, 503), answer.text
    return answer.status_code == 503 and "Database unavailable" in answer.text


def visit(browser: httpx.Client, disk: Path, until: float) -> "Counter[int]":
    found = Counter[int]()
    while time.monotonic() < until:
        fill(disk)
        for page in PAGES:
            answer = browser.get(page)
            assert "Traceback" not in answer.text
            assert answer.status_code == 200 or "Database unavailable" in answer.text, answer.text
            found[answer.status_code] += 1
    return found


def test_it_shows_pages_and_loses_nothing_while_the_disk_is_full(
    process: ServerProcess, gateway: Gateway, disk: Path
) -> None:
    ids = tracked(process, gateway)
    named = process.act("task", owner="alice", upstream_id="named", status="completed")
    process.start()
    with process.browser("alice") as browser:
        assert browser.get("/").status_code == 200
        fill(disk)
        outcomes = end(gateway, ids)
        process.eventually(lambda: any("disk is full" in line for line in process.output))
        seen = visit(browser, disk, time.monotonic() + FULL)
        assert is_told_that_it_failed(browser, named)
        expected = {**outcomes, "named": "completed"}
        assert dict(process.act("rows", sql=ENDS)) != expected, "nothing was left to catch up with"
        (disk / "ballast").unlink()
        freed = time.monotonic()
        process.eventually(lambda: dict(process.act("rows", sql=ENDS)) == expected, patience=10)
        print(f"pages while it was full: {dict(seen)}; caught up within {time.monotonic() - freed:.1f} s")
        assert post(browser, f"/tasks/{named}/label", label="afterwards").status_code == 302
    assert process.act("rows", sql=f"SELECT label, version FROM task WHERE id = '{named.replace('-', '')}'") == [
        ["afterwards", "2"]
    ]
    assert process.act("rows", sql=BROKEN_HISTORIES) == []
    assert process.act("rows", sql="PRAGMA integrity_check") == [["ok"]]
