"""`python -m tests.faults.outage --seconds 600`: the gateway is down for ten minutes, then it is back.

A real server watches 500 tasks; every poll gets a 503. From the gateway's log: how many polls there were in that time,
how long it then took until every task had been polled, and the most polls in any one second until then. Exits with 1 if
there were too many, too late or too many at once.
"""

import argparse
import sys
import time
from bisect import bisect_left

from tests.faults.demo_pair import server_and_gateway, watch
from tests.support.gateway import Gateway
from tests.support.processes import BROKEN_HISTORIES, ServerProcess

TASKS = 500
A_SECOND = 1.0  # at most this many requests a second on average while it is down
FRESH = 60.0  # seconds
PEAK = 20  # requests in one second, until all are fresh again
LOOK = 0.5  # seconds


def asked(gateway: Gateway) -> int:
    return sum(number for what, number in gateway.totals().items() if what.startswith("status "))


def out_of_order(gateway: Gateway, process: ServerProcess, seconds: float) -> list[str]:
    gateway.fault("http-503")
    begun, before = time.monotonic(), asked(gateway)
    time.sleep(seconds)
    number = asked(gateway) - before
    unreachable = process.act("rows", sql="SELECT count(*) FROM task WHERE condition = 'unreachable'")[0][0]
    print(f"gone for {time.monotonic() - begun:.0f} s: {number} requests; {unreachable} tasks shown as unreachable")
    return ["too many requests while it was gone"] * (number > max(A_SECOND * seconds, 60))


def back(gateway: Gateway, process: ServerProcess) -> list[str]:
    since = int(str(gateway.log()[-1]["number"]))
    gateway.lift()
    begun = time.monotonic()
    fresh: dict[str, float] = {}
    moments: list[float] = []
    while len(fresh) < TASKS and time.monotonic() < begun + 2 * FRESH:
        time.sleep(LOOK)
        for entry in gateway.log(call="status", since=since):
            since = int(str(entry["number"]))
            moments.append(float(str(entry["monotonic"])))
            fresh.setdefault(str(entry["task"]), moments[-1] - begun)
    moments = [moment for moment in moments if moment <= begun + max(fresh.values(), default=0)]
    peak = max((bisect_left(moments, at + 1) - number for number, at in enumerate(moments)), default=0)
    late = max(fresh.values(), default=0.0)
    print(f"back: {len(fresh)} tasks asked for within {late:.1f} s, at most {peak} requests in one second")
    time.sleep(2.0)  # the last results are being written
    unreachable = process.act("rows", sql="SELECT count(*) FROM task WHERE condition <> ''")[0][0]
    broken = len(process.act("rows", sql=BROKEN_HISTORIES))
    wrong = [f"{TASKS - len(fresh)} tasks were not asked for"] * (len(fresh) < TASKS)
    wrong += ["not fresh in time"] * (late > FRESH) + ["too many requests at once"] * (peak > PEAK)
    wrong += [f"{unreachable} tasks still show a trouble"] * (unreachable != "0")
    return wrong + [f"{broken} tasks with a broken history"] * bool(broken)


def run(seconds: float) -> list[str]:
    with server_and_gateway() as (process, gateway):
        watch(process, gateway, TASKS)
        process.start()
        time.sleep(12)  # each task has been polled once or twice
        return out_of_order(gateway, process, seconds) + back(gateway, process)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    wrong = run(parser.parse_args().seconds)
    print("wrong:", *wrong or ["nothing"])
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
