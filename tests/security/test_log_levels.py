"""Anything that a client can cause is a plain line in the log; a traceback at ERROR is reserved for bugs of our own."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server

LOGIN = "/accounts/login/"
FORM = "application/x-www-form-urlencoded"
FLOODS: list[tuple[str, dict[str, str], bytes]] = [
    ("fields", {"Content-Type": FORM}, b"&".join(b"a=1" for _ in range(3_000))),
    (
        "files",
        {"Content-Type": "multipart/form-data; boundary=b"},
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nx\r\n' * 500 + b"--b--\r\n",
    ),
    ("no boundary", {"Content-Type": "multipart/form-data"}, b"--b\r\n"),
    ("bad boundary", {"Content-Type": "multipart/form-data; boundary=" + "?" * 300}, b"--b\r\n"),
    (
        "bad base64",
        {"Content-Type": "multipart/form-data; boundary=b"},
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--b--\r\n',
    ),
    ("bad charset", {"Content-Type": f"{FORM}; charset=nonsense"}, b"a=1"),
    ("NUL", {"Content-Type": FORM}, b"login=a%00b&password=x"),
    ("half a UTF-8 character", {"Content-Type": FORM}, b"login=%ff%fe&password=%c3"),
]


def lines(server: ServerProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in list(server.output) if line.startswith("{")]


@pytest.fixture
def server(process: ServerProcess) -> ServerProcess:
    process.env = {"LOG_FORMAT": "json"}
    process.start()
    return process


def test_a_clients_fault_is_one_plain_line(server: ServerProcess) -> None:
    for _, fields, body in FLOODS:
        httpx.post(f"{server.url}{LOGIN}", headers=fields, content=body, timeout=60)
    httpx.get(f"{server.url}{LOGIN}?" + "&".join(["a=1"] * 3_000), timeout=60)
    httpx.get(f"{server.url}{LOGIN}?next=%00&%ff=%ff", headers={"Cookie": "reelboard_session=\x01; a"}, timeout=60)
    httpx.get(f"{server.url}/the-end", timeout=60)
    server.eventually(lambda: any(line.get("path") == "/the-end" for line in lines(server)))
    assert not [line for line in lines(server) if line["level"] == "ERROR" or "traceback" in line]
    assert "Traceback" not in "".join(server.output)
    told = [line for line in lines(server) if line["message"].startswith("TooManyFieldsSent /accounts/login/: ")]
    assert [line["level"] for line in told] == ["WARNING"] * len(told)
    assert told


def test_a_broken_video_is_one_plain_line(process: ServerProcess, gateway: Gateway) -> None:
    process.env = {"LOG_FORMAT": "json", "AMUX_BASE_URL": gateway.url, "ARCHIVE": "off"}
    process.env["ALLOWED_PRIVATE_HOSTS"] = ",".join(f"{host}:{port}" for host, port in gateway.hostports)
    upstream_id = gateway.add_task("amux+lie=short", status="completed")
    key = process.act("key", owner="alice", secret=ALICE_KEY)
    task = process.act("task", owner="alice", key_id=key, upstream_id=upstream_id, status="completed")
    process.start()
    with process.browser("alice") as alice, pytest.raises(httpx.RemoteProtocolError):
        alice.get(f"/tasks/{task}/content")
    process.eventually(lambda: any("broken off" in line["message"] for line in lines(process)))
    process.eventually(lambda: any(str(line.get("path")).endswith("/content") for line in lines(process)))
    assert not [line for line in lines(process) if line["level"] == "ERROR" or "traceback" in line]


def test_a_defect_keeps_its_traceback(server: ServerProcess, tmp_path: Path) -> None:
    server.act("rows", sql="DROP TABLE share_link")
    with server.browser("alice") as alice:
        assert alice.get("/s/pOvwsxQ2u9Zb-k_1").status_code == 500
    server.eventually(lambda: any(line["level"] == "ERROR" and "traceback" in line for line in lines(server)))
