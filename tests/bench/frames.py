"""Frames to many open streams: `python -m tests.bench.frames [--streams 1000] [--rate 50] [--seconds 20]`.

The product's server runs in this process and the streams in another one; both and the changes share the machine. Every
stream belongs to an admin, so every change goes to all of them. Printed as JSON:

    kb_per_stream       what the server's memory grew by, for each stream opened
    frames_per_second   rows that reached the streams after one commit that changed every task, in each round
    late_ms             from before the change was written until a stream had read its row, at `rate` changes a second
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent.parent
TASKS = 500
ROUNDS = 3


def rss_kb() -> int:
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])


class Bench:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.found: dict[str, Any] = {"streams": options.streams}

    def run(self) -> None:
        """Sets the database up, then serves until everything is measured."""
        from django.core.management import call_command

        from dashboard import server
        from dashboard.asgi import application

        call_command("migrate", verbosity=0)
        self._furnish()
        server.allow_many_files()
        self._server = server.Server(server.config(application, "127.0.0.1", 0), self._measure_beside)
        self._server.run()

    def _furnish(self) -> None:
        from django.db import connection

        from dashboard.accounts.models import User
        from dashboard.live.room import MOST_PER_MEMBER
        from dashboard.tasks.models import Task
        from tests import puppet

        admins = -(-self._options.streams // MOST_PER_MEMBER)
        users = User.objects.bulk_create([User(username=f"admin-{number}", is_staff=True) for number in range(admins)])
        cookies = [puppet.session(user.username) for user in users]
        self._cookies = [cookies[number % admins] for number in range(self._options.streams)]
        made = [Task(owner=users[0], upstream_id=f"task-{number}", prompt="A lighthouse") for number in range(TASKS)]
        self._tasks = Task.objects.bulk_create(made)
        connection.close()

    def _measure_beside(self, host: str, port: int) -> None:
        from dashboard import server

        server.settle()
        threading.Thread(target=self._measure, args=(port,)).start()

    def _measure(self, port: int) -> None:
        try:
            before = rss_kb()
            pipe = subprocess.PIPE
            command = [sys.executable, "-m", "tests.bench.listeners"]
            with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as listeners:
                assert listeners.stdin is not None
                assert listeners.stdout is not None
                self._tell(listeners.stdin, json.dumps({"port": port, "cookies": self._cookies}))
                assert listeners.stdout.readline() == "open\n"
                self.found["kb_per_stream"] = round((rss_kb() - before) / self._options.streams, 1)
                self._at_a_rate(listeners.stdin, listeners.stdout)
                self._at_once(listeners.stdin, listeners.stdout)
                self._tell(listeners.stdin, "end")
            self.found["rss_mb_at_end"] = rss_kb() // 1024
        finally:
            self._server.should_exit = True

    def _tell(self, listeners: IO[str], command: str) -> None:
        listeners.write(command + "\n")
        listeners.flush()

    def _at_a_rate(self, to: IO[str], back: IO[str]) -> None:
        number = int(self._options.rate * self._options.seconds)
        began = time.monotonic()
        for count in range(number):
            time.sleep(max(0.0, began + count / self._options.rate - time.monotonic()))
            self._change(count)
        self.found["changes_per_second"] = round(number / (time.monotonic() - began), 1)
        self._tell(to, f"got {number}")
        back.readline()
        self._tell(to, "late")
        late = json.loads(back.readline())
        self.found["late_ms"] = {f"p{share}": late[len(late) * share // 100] for share in (50, 95, 99)}
        self.found["late_ms"]["most"] = late[-1]
        self._reached = number

    def _at_once(self, to: IO[str], back: IO[str]) -> None:
        """All tasks in one transaction: one doorbell, and as many rows as there are tasks for everybody."""
        from django.db import transaction

        seconds = []
        for count in range(ROUNDS):
            with transaction.atomic():
                for number in range(TASKS):
                    self._change(number)
            began = time.monotonic()
            self._tell(to, f"got {self._reached + (count + 1) * TASKS}")
            back.readline()
            seconds.append(time.monotonic() - began)
        frames = TASKS * self._options.streams
        self.found["frames_per_second"] = [round(frames / one) for one in sorted(seconds, reverse=True)]

    def _change(self, number: int) -> None:
        from dashboard.tasks import changes

        assert changes.change(self._tasks[number % TASKS], "label", label=f"at{time.time_ns()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=50, help="changes a second")
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelboard-bench-") as data_dir:
        os.environ |= {"DATA_DIR": data_dir, "POLLER": "separate", "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        import django

        django.setup()
        bench = Bench(options)
        bench.run()
    print(json.dumps(bench.found, indent=2))


if __name__ == "__main__":
    main()
