"""One of several writers on one database: labels tasks for some seconds and prints a report; run by a test.

`python -m tests.faults.writers SECONDS TASK ...` in the environment of a server. Prints one line of JSON.
"""

import json
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

import django

THREADS = 2  # writers in one process


@dataclass(slots=True)
class Report:
    """`longest`: seconds of the longest write; `problems`: in words."""

    written: int = 0
    longest: float = 0.0
    problems: list[str] = field(default_factory=list)


def write(told: Report, ids: list[str], until: float, name: str) -> None:
    from django.db import connection

    from dashboard.tasks import actions
    from dashboard.tasks.models import Task

    number = 0
    try:
        while time.monotonic() < until:
            number += 1
            task = Task.objects.get(pk=ids[number % len(ids)])
            begun = time.monotonic()
            told.written += actions.label([task], f"{name}-{number}")
            told.longest = max(told.longest, time.monotonic() - begun)
    except Exception as problem:
        told.problems.append(f"{type(problem).__name__}: {problem}")
    finally:
        connection.close()


def main(seconds: float, ids: list[str]) -> None:
    django.setup()
    until = time.monotonic() + seconds
    told = [Report() for _ in range(THREADS)]
    threads = [
        threading.Thread(target=write, args=(one, ids, until, f"writer-{id(one)}"), name=f"writer-{number}")
        for number, one in enumerate(told)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps([asdict(one) for one in told]), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
