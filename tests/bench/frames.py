"""Frames to many open streams: `python -m tests.bench.frames [--streams 1000] [--rate 50] [--seconds 20]`.

The product's server runs in this process and the streams in another; both share the machine with the changes. Every
stream belongs to an admin, so every change goes to all of them. Prints JSON:

    kb_per_stream       growth of the server's memory for each stream opened
    frames_per_second   rows that reached the streams after one commit that changed every task, in each round
    late_ms             from before the change was written until a stream had read its row, at `rate` changes a second
    pages               milliseconds of the pages that a reader loads during the last `pages` seconds of that
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from tests.bench.crowd import ROOT, Crowd, options, rss_kb


class Bench:
    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self.found: dict[str, Any] = {"streams": given.streams}

    def run(self) -> None:
        """Sets up the database, then serves until everything is measured."""
        from django.core.management import call_command

        from dashboard.asgi import application
        from dashboard.runtime import server

        call_command("migrate", verbosity=0)
        self._furnish()
        server.raise_open_file_limit()
        self._server = server.Server(server.config(application, "127.0.0.1", 0), self._measure_beside)
        self._server.run()

    def _furnish(self) -> None:
        from django.db import connection

        from dashboard.accounts.models import User
        from dashboard.live import registry
        from dashboard.tasks.models import Task
        from tests.support import db_agent

        registry.MAX_STREAMS = max(
            registry.MAX_STREAMS, self._given.streams
        )  # growth is also measured beyond the limit of one process
        admins = -(-self._given.streams // registry.MAX_STREAMS_PER_MEMBER)
        users = User.objects.bulk_create([User(username=f"admin-{number}", is_staff=True) for number in range(admins)])
        cookies = [db_agent.session(user.username) for user in users]
        self._cookies = [cookies[number % admins] for number in range(self._given.streams)]
        tasks = range(self._given.tasks)
        made = [Task(owner=users[0], upstream_id=f"task-{number}", prompt="A lighthouse") for number in tasks]
        self._tasks = Task.objects.bulk_create(made)
        self.found["row"] = self._bytes_of_a_row()
        connection.close()

    def _bytes_of_a_row(self) -> int:
        from dashboard.live import event_reader
        from dashboard.live.registry import everyone

        self._change(0)
        return len(event_reader.page_after(0, everyone()).changes[0].for_editors["en"].frame)

    def _measure_beside(self, host: str, port: int) -> None:
        from dashboard.runtime import gc

        gc.freeze_gc()
        threading.Thread(target=self._measure, args=(port,)).start()

    def _measure(self, port: int) -> None:
        from django.conf import settings

        try:
            before = rss_kb()
            languages = [code for code, _ in settings.LANGUAGES][: self._given.languages]
            self.found["languages"] = languages
            with Crowd(port, self._cookies, languages=languages) as crowd:
                self.found["kb_per_stream"] = round((rss_kb() - before) / self._given.streams, 1)
                self.found |= crowd.at_a_rate(self._given, self._change)
                self.found |= self._with_pages(port, crowd) if self._given.pages else {}
                self.found |= crowd.at_once(self._given, self._change_all)
            self.found["rss_mb_at_end"] = rss_kb() // 1024
        finally:
            self._server.should_exit = True

    def _with_pages(self, port: int, crowd: Crowd) -> dict[str, Any]:
        """Continues at the same rate for a while; the delay of the streams in that time is not reported."""
        seconds = self._given.pages
        command = [sys.executable, "-m", "tests.bench.pages", str(port), self._cookies[0], str(seconds)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as reader:
            crowd.at_a_rate(argparse.Namespace(rate=self._given.rate, seconds=seconds), self._change)
            told, _ = reader.communicate()
        return {"pages": json.loads(told)}

    def _change_all(self) -> float:
        """Changes all tasks in one transaction: one notification, and one row per task for everybody."""
        from django.db import transaction

        with transaction.atomic():
            for number in range(self._given.tasks):
                self._change(number)
        return time.monotonic()

    def _change(self, number: int) -> None:
        from dashboard.tasks import writes

        assert writes.update_task(self._tasks[number % len(self._tasks)], "label", label=f"at{time.time_ns()}")


def main() -> None:
    given = options(__doc__)
    with tempfile.TemporaryDirectory(prefix="reelboard-bench-") as data_dir:
        os.environ |= {"DATA_DIR": data_dir, "POLLER": "separate"}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        import django

        django.setup()
        logging.getLogger("dashboard.requests").setLevel("WARNING")  # a line per stream is of no use here
        bench = Bench(given)
        bench.run()
    print(json.dumps(bench.found))


if __name__ == "__main__":
    main()
