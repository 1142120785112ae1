"""`make lint` checks the packages for known vulnerabilities if it can, and says so if it can't."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.processes import ROOT


class Index(BaseHTTPRequestHandler):
    """A package index that knows one vulnerability, or none."""

    known: list[str] = []

    def do_GET(self) -> None:
        body = json.dumps({"vulnerabilities": self.known}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def audit(folder: Path, index: str, *, code: int) -> "subprocess.CompletedProcess[str]":
    """Runs the audit with a pip-audit that exits with this code."""
    tool = folder / "pip-audit"
    tool.write_text(f'#!/bin/sh\necho "audited $*"\nexit {code}\n')
    tool.chmod(0o755)
    env = {**os.environ, "AUDIT_INDEX": index, "PIP_AUDIT": str(tool)}
    return subprocess.run([sys.executable, "ops/audit"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


def test_it_fails_when_something_is_found(tmp_path: Path, index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "known", ["PYSEC-1"])
    assert audit(tmp_path, index, code=1).returncode == 1


def test_it_asks_about_every_locked_package(tmp_path: Path, index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "known", ["PYSEC-1"])
    told = audit(tmp_path, index, code=0)
    assert told.returncode == 0
    assert [line.rpartition("/")[2] for line in told.stdout.splitlines()] == [
        "requirements-dev.lock",
        "requirements-audit.lock",
    ]


def test_it_says_so_where_nothing_can_be_reached(tmp_path: Path) -> None:
    told = audit(tmp_path, "http://127.0.0.1:1", code=1)
    assert told.returncode == 0
    assert "Packages are not audited: no advisories can be reached (http://127.0.0.1:1/" in told.stdout


def test_a_mirror_that_knows_of_no_advisories_is_no_clean_bill(tmp_path: Path, index: str) -> None:
    told = audit(tmp_path, index, code=0)
    assert (told.returncode, "audited" in told.stdout.split("Packages")[0]) == (0, False)
    assert "knows of none, not even for Django 2.0" in told.stdout


def test_it_is_part_of_make_lint() -> None:
    recipe = subprocess.run(["make", "-n", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "ops/audit" in recipe


def test_every_locked_package_of_the_tool_has_its_hash_and_names_no_index() -> None:
    lines = (ROOT / "requirements-audit.lock").read_text().splitlines()
    assert [line for line in lines if line.startswith("--")] == []
    assert all(lines[number + 1].strip().startswith("--hash") for number, line in enumerate(lines) if "==" in line)
