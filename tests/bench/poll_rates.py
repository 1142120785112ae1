"""Polls per second, next to a bare loop with the same client and to the documented loop; how late polls are."""

import json
from typing import Any

from tests.bench import programs
from tests.bench.results import Figure, Section, middle, number


def measure(*, quick: bool) -> Section:
    rounds, seconds, peers = (1, 4, 2) if quick else (3, 8, 4)
    many, fresh = (5_000, 5) if quick else (20_000, 20)
    busy = ("--tasks", "10000", "--every", "1", "--seconds", str(seconds), "--peers", str(peers))
    full = [programs.worker("polls", *busy) for _ in range(rounds)]
    calm = programs.worker("polls", "--tasks", str(many), "--every", "10", "--seconds", str(fresh), "--peers", "0")
    return Section("Polling", [*against_peers(full), *on_time(many, calm)])


def against_peers(full: list[dict[str, Any]]) -> list[Figure]:
    ours, bare, documented = (
        middle(one[name] for one in full) for name in ("polls_per_second", "bare_per_second", "documented_per_second")
    )
    ratios = sorted(one["polls_per_second"] / one["bare_per_second"] for one in full)
    what, by_rounds = "polls of one process, more due than it can", ", ".join(number(ratio) for ratio in ratios)
    return [
        Figure(
            what=what,
            value=ours,
            unit="/s",
            peer="bare loop of the same client",
            peer_value=bare,
            reach=">= 0.5 x",
            reached=ours >= 0.5 * bare,
            note=f"by rounds {by_rounds}; claimed, asked and written back, on SQLite",
        ),
        Figure(
            what=what,
            value=ours,
            unit="/s",
            peer="`httpx.get` in a loop, without its sleep",
            peer_value=documented,
            note="with its sleep of 5 s that loop asks 0.2 times a second, for one task",
        ),
    ]


def on_time(tasks: int, calm: dict[str, Any]) -> list[Figure]:
    late, rate = calm["late_p99"], calm["polls_per_second"]
    cpu = f"{100 * calm['cpu_share']:.0f} % of one core"
    return [
        Figure(
            what=f"lateness of polls, {tasks:,} active tasks every 10 s, p99",
            value=late,
            unit="s",
            reach="<= 1 s",
            reached=late <= 1.0,
            note=f"most {calm['late_max']:.2f} s; {cpu}, {calm['rss_mb']:.0f} MB",
        ),
        Figure(
            what=f"polls for {tasks:,} active tasks every 10 s",
            value=rate,
            unit="/s",
            reach=f">= {tasks // 10:,} /s less 2 %",
            reached=rate >= tasks / 10 * 0.98,
            note="each is fresh within 10 s",
        ),
    ]


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
