"""Two servers and two pollers with one PostgreSQL, one Redis and one gateway, and the browsers of a member."""

import http.client
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet

from tests.support.engines import Postgres, Redis
from tests.support.event_source import Event, Stream
from tests.support.gateway import Gateway
from tests.support.processes import PollerProcess, ServerProcess

SECRETS = {"SECRET_KEY": "of the cluster" * 5, "KEYRING": Fernet.generate_key().decode()}


class Screen:
    """A page of alice's on one server: the newest row of each task, as `live-stream.js` keeps them."""

    def __init__(self, server: ServerProcess, cookie: str) -> None:
        self.rows: dict[str, str] = {}
        self.caught_up = threading.Event()
        self._cookie = {"Cookie": cookie}
        self._server = server
        self._ended = False
        self._cursor = ""
        self._stream: Stream | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def shows(self, task: str, words: str) -> bool:
        return words in self.rows.get(task, "")

    def close(self) -> None:
        self._ended = True
        stream = self._stream
        if stream is not None:
            with suppress(OSError):
                stream.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(15)

    def _read(self) -> None:
        while not self._ended:
            try:
                self._follow()
            except (httpx.HTTPError, http.client.HTTPException, OSError, EOFError, ValueError):
                time.sleep(0.2)

    def _load(self) -> None:
        page = httpx.get(f"{self._server.url}/", headers=self._cookie, timeout=60).raise_for_status().text
        self._cursor = re.findall(r'data-cursor="([0-9]*)"', page)[0]
        self.rows = {row[:36]: row for row in re.split(r'id="task-(?=[0-9a-f]{8}-)', page)[1:]}

    def _follow(self) -> None:
        if not self._cursor:
            self._load()
        stream = self._stream = Stream(self._server.port, self._cookie, f"/events?since={self._cursor}")
        try:
            while stream.status == 200 and not self._ended:
                for event in stream.received():
                    self._take(event)
        finally:
            self._stream = None
            stream.close()
        time.sleep(0.2)

    def _take(self, event: Event) -> None:
        self._cursor = event.last_event_id or self._cursor
        if event.type == "task":
            self.rows[event.data.partition('id="task-')[2][:36]] = event.data
        elif event.type == "resync":
            self._load()
        self.caught_up.set()


class Cluster:
    """`env`: DATABASE_URL and other settings. Nothing is started automatically."""

    def __init__(
        self, folder: Path, postgres: Postgres, redis: Redis, gateway: Gateway, pollers: int = 2, **env: str
    ) -> None:
        self.postgres, self.redis, self.gateway = postgres, redis, gateway
        hosts = ",".join(f"{host}:{port}" for host, port in gateway.hostports)
        places = {"REDIS_URL": redis.url, "AMUX_BASE_URL": gateway.url, "ALLOWED_PRIVATE_HOSTS": hosts}
        # Measuring coverage halves a server's speed, and the limits for large teams apply to full speed.
        env = {
            "COVERAGE_PROCESS_START": "",
            **SECRETS,
            **places,
            "POLLER": "separate",
            "ARCHIVE": "off",
            "POLL_FIRST": "0.5",
            **env,
        }
        self.servers = [ServerProcess(folder / f"server{number}", **env) for number in (1, 2)]
        self.pollers = [PollerProcess(folder / f"poller{number}", **env) for number in range(pollers)]
        self.database = env["DATABASE_URL"].rpartition("/")[2]
        self._screens: list[Screen] = []

    def start(self) -> None:
        for poller in self.pollers:
            poller.start()
        with ThreadPoolExecutor() as pool:
            list(pool.map(ServerProcess.start, self.servers))

    def track(self, *upstream_ids: str) -> None:
        """Tracks them with alice's key."""
        ((key,),) = self.query("SELECT id FROM api_key")
        self.act("tracked", owner="alice", key=str(key), upstream_ids=upstream_ids)

    def act(self, name: str, **given: Any) -> Any:
        """Calls a function of `tests.support.db_agent`: a change by a process that sends no notification."""
        return self.servers[0].act(name, **given)

    def browser(self, number: int) -> httpx.Client:
        return self.servers[number].browser("alice")

    def screen(self, number: int) -> Screen:
        made = Screen(self.servers[number], self.servers[number].session("alice"))
        self._screens.append(made)
        assert made.caught_up.wait(60)
        return made

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.postgres.execute(sql, self.database)

    def close(self) -> None:
        for screen in self._screens:
            screen.close()
        for poller in self.pollers:
            poller.close()
        for server in self.servers:
            server.close()


def post(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Sends a form as a page does."""
    origin = str(browser.base_url).rstrip("/")
    if "reelboard_csrf" not in browser.cookies:
        browser.get("/")
    headers = {"X-CSRFToken": browser.cookies["reelboard_csrf"], "Origin": origin}
    return browser.post(path, data=fields, headers=headers)
