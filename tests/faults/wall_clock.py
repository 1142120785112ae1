"""`python -m tests.faults.wall_clock`: the clock of a real server's machine is set wrong, and right again.

Debian's libfaketime (`apt-get install faketime`) moves the wall clock of that one process; its monotonic clock is not
affected, as when somebody sets a clock. The gateway's log, which has the right time, shows how often each task was
polled after each jump, and how far apart. Exits with 1 if a task waited too long, or if the gateway was flooded.
"""

import glob
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.faults.demo_pair import server_and_gateway, watch
from tests.support.gateway import Gateway
from tests.support.processes import BROKEN_HISTORIES, ServerProcess

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
JUMPS = ("+1h", "+0", "-1h", "+0", "+1d", "-1d", "+0")
TASKS = 50
EVERY = 2.0  # seconds between two polls
WATCHED = 20.0  # seconds after each jump
LOOK = 1.0  # seconds until a jump is noticed


class Clock:
    """`process` reads the file again each time."""

    def __init__(self, process: ServerProcess, library: str, folder: Path) -> None:
        self._path = folder / "clock"
        self.set_to("+0")
        process.env |= {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self._path)}
        process.env |= {"DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}

    def set_to(self, offset: str) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(f"{offset}\n")
        fresh.rename(self._path)


def asked_since(gateway: Gateway, moment: float) -> dict[str, list[float]]:
    """Returns for each task the seconds after `moment` at which it was polled."""
    found = defaultdict(list)
    for entry in gateway.log(call="status"):
        if (at := float(str(entry["monotonic"]))) > moment:
            found[str(entry["task"])].append(at - moment)
    return found


def jump(gateway: Gateway, set_to: Callable[[str], None], offset: str) -> list[str]:
    """Returns what is wrong."""
    set_to(offset)
    jumped = time.monotonic()
    time.sleep(WATCHED)
    asked = asked_since(gateway, jumped)
    longest = max(
        (max(b - a for a, b in zip([0.0, *seen], [*seen, WATCHED], strict=True)) for seen in asked.values()), default=0
    )
    most = max((len(seen) for seen in asked.values()), default=0)
    print(f"set to {offset}: {len(asked)} tasks asked for, at most {most} times, at most {longest:.1f} s apart")
    wrong = [f"{TASKS - len(asked)} tasks were not asked for"] * (len(asked) < TASKS)
    wrong += ["a task waited"] * (longest > 2 * EVERY + LOOK)
    return wrong + ["the gateway was flooded"] * (most > 1.5 * WATCHED / EVERY)


def run(library: str) -> list[str]:
    with server_and_gateway(POLL_EVERY=str(EVERY)) as (process, gateway):
        clock = Clock(process, library, process.data_dir.parent)
        watch(process, gateway, TASKS)
        process.start()
        time.sleep(2 * EVERY)
        wrong = [each for offset in JUMPS for each in jump(gateway, clock.set_to, offset)]
        broken = len(process.act("rows", sql=BROKEN_HISTORIES))
        return wrong + [f"{broken} tasks with a broken history"] * bool(broken)


def main() -> int:
    library = next(iter(glob.glob(LIBRARY)), "")
    if not library:
        print("libfaketime is not installed: apt-get install faketime")
        return 1
    wrong = run(library)
    print("wrong:", *wrong or ["nothing"])
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
