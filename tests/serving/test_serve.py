"""`manage.py serve`: what it does before it serves, and how it ends."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.support.event_source import Stream
from tests.support.processes import ROOT, ServerProcess, environment

pytestmark = pytest.mark.server


def stream(process: ServerProcess, cookie: str, since: str = "") -> Stream:
    opened = Stream(process.port, {"Cookie": cookie}, f"/events?since={since}")
    opened.wait_for("tick")
    return opened


def test_it_makes_the_database_on_the_first_start(tmp_path: Path) -> None:
    first = ServerProcess(tmp_path / "fresh")
    first.start()
    first.eventually(lambda: re.match(r"http://127\.0\.0\.1:\d+/setup/[\w-]{32}$", first.output[-1]))
    said = "".join(first.output)
    first.close()
    assert "migrations applied" in said
    assert "Reelboard is at http://127.0.0.1:" in said


def test_it_says_little_on_the_next_start(process: ServerProcess) -> None:
    process.start()
    assert len(process.output) == 1


def test_it_does_not_start_with_another_keyring(process: ServerProcess) -> None:
    process.act("key", owner="alice", secret="sk-canary-0123456789", label="Studio")
    before = process.act("rows", sql="SELECT hex(sealed) FROM api_key")
    env = environment(process.data_dir, KEYRING=Fernet.generate_key().decode())
    refused = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", "0"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "KEYRING does not open 1 of 1 stored API keys ('Studio')" in refused.stderr
    assert "Nothing was changed" in refused.stderr
    assert "canary" not in refused.stderr + refused.stdout
    assert process.act("rows", sql="SELECT hex(sealed) FROM api_key") == before


def test_it_starts_with_an_older_key_in_the_keyring(process: ServerProcess) -> None:
    process.act("key", owner="alice", secret="sk-canary-0123456789")
    old = (process.data_dir / "keyring").read_text().strip()
    process.env = {"KEYRING": f"{Fernet.generate_key().decode()},{old}"}
    process.start()


def test_it_stops_with_open_streams(process: ServerProcess) -> None:
    process.start()
    streams = [stream(process, process.session(name)) for name in ("alice", "bob", "admin")]
    code, seconds = process.terminate()
    closes = [opened.rest()[-1] for opened in streams]
    for opened in streams:
        opened.close()
    assert (code, [close.type for close in closes]) == (0, ["close"] * 3)
    assert seconds < 5
    assert len({close.data for close in closes}) > 1


def test_it_stops_with_a_reader_that_has_stopped(process: ServerProcess) -> None:
    process.start()
    stuck = Stream(process.port, {"Cookie": process.session("alice")}, receive_buffer=4_096)
    code, seconds = process.terminate()
    stuck.close()
    assert code == 0
    assert seconds < 5


def test_it_resumes_after_a_kill(process: ServerProcess) -> None:
    process.start()
    cookie = process.session("alice")
    task = process.act("task", owner="alice", upstream_id="task-1")
    before = process.act("relabel", task=task, label="before")
    opened = stream(process, cookie, str(before))
    process.kill()
    assert opened.rest() == []
    opened.close()
    process.act("relabel", task=task, label="while it was down")
    process.start()
    again = Stream(process.port, {"Cookie": cookie, "Last-Event-ID": str(before)})
    assert "while it was down" in again.wait_for("task").data
    again.close()


def test_it_does_not_swell_with_a_body_that_nobody_wants(process: ServerProcess) -> None:
    process.start()
    cookie = process.session("alice")
    before = process.rss_kb
    assert flood(process.port, cookie) in (405, 0)
    assert process.rss_kb - before < 10_000


def flood(port: int, cookie: str) -> int:
    """Sends up to 300 MB; returns the status, or 0 if the connection was closed first."""
    blocks = (b"x" * 1_000_000 for _ in range(300))
    try:
        return httpx.post(f"http://127.0.0.1:{port}/events", content=blocks, headers={"Cookie": cookie}).status_code
    except httpx.TransportError:
        return 0


def test_it_does_not_believe_forwarded_headers(process: ServerProcess) -> None:
    process.start()
    answer = httpx.get(f"{process.url}/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
    assert answer.headers["location"].startswith("/accounts/login/")


def test_it_waits_no_longer_than_it_must_for_a_head(process: ServerProcess) -> None:
    process.start()
    with socket.create_connection(("127.0.0.1", process.port), timeout=20) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        began = time.monotonic()
        assert not slow.recv(1)
        assert 8 < time.monotonic() - began < 12
