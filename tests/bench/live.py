"""Frames to open streams, next to nginx's nchan module and to one channel-layer member per stream."""

import json
from typing import Any

from tests.bench import programs
from tests.bench.results import Figure, Section, middle, number

ROUNDS = 2
AT_ONCE = 200
FEW = 5  # changes at once if every stream is a member of the layer: more would take minutes


def measure(*, quick: bool) -> Section:
    streams, seconds = ("200", "3") if quick else ("1000", "5")
    same = ["--streams", streams]
    alike = ["--rate", "50", "--seconds", seconds, "--tasks", str(AT_ONCE)]
    found: dict[str, list[dict[str, Any]]] = {"frames": [], "languages": [], "nchan": [], "members": []}
    without = ""
    for _ in range(1 if quick else ROUNDS):
        ours = programs.worker("frames", *same, *alike, "--pages", "4")
        found["frames"].append(ours)
        found["languages"].append(programs.worker("frames", *same, *alike, "--languages", "2"))
        row = ["--row", str(ours["row"])]
        try:
            found["nchan"].append(programs.worker("nchan", *same, *alike, *row))
        except programs.Failed as problem:
            if "NotInstalled" not in str(problem):
                raise
            without = "not installed: libnginx-mod-nchan"
        found["members"].append(programs.worker("members", *same, *row, "--seconds", "0", "--tasks", str(FEW)))
    return Section(f"Frames to {streams} open streams", figures(found, without))


def rate(found: list[dict[str, Any]]) -> float:
    return middle(number for one in found for number in one["frames_per_second"])


def late(found: list[dict[str, Any]]) -> float:
    return middle(one["late_ms"]["p99"] for one in found)


def figures(found: dict[str, list[dict[str, Any]]], without: str) -> list[Figure]:
    ours, nchan, members = found["frames"], found["nchan"], found["members"]
    peer = rate(nchan) if nchan else None
    kb = middle(one["kb_per_stream"] for one in ours)
    ratios = sorted(rate([one]) / rate([other]) for one, other in zip(ours, nchan, strict=False))
    cpu, nchans = (middle(one["cpu_us_per_frame"] for one in some) for some in (ours, nchan or ours))
    size, page = ours[0]["row"], middle(one["pages"]["p95"] for one in ours)
    return [
        Figure(
            what=f"rows of {size:,} bytes read by all streams, after {AT_ONCE} changes at once",
            value=rate(ours),
            unit="frames/s",
            peer="nginx nchan" if nchan else without,
            peer_value=peer,
            reach=">= 1.0 x",
            reached=None if peer is None else rate(ours) >= peer,
            note=f"by rounds {', '.join(number(ratio) for ratio in ratios)}; reading and rendering included; "
            f"{cpu:.1f} µs of processor a frame" + (f", nchan {nchans:.1f}" if nchan else ""),
        ),
        Figure(
            what=f"the same, for pages in {len(found['languages'][0]['languages'])} languages",
            value=rate(found["languages"]),
            unit="frames/s",
            peer="one language",
            peer_value=rate(ours),
            reach=">= 0.8 x",
            reached=rate(found["languages"]) >= 0.8 * rate(ours),
        ),
        Figure(
            what="the same",
            value=rate(ours),
            unit="frames/s",
            peer="a channel-layer member per stream",
            peer_value=rate(members),
            note=f"its {FEW} changes at once, and its frames come ready in the message",
        ),
        Figure(
            what="commit to client at 50 changes a second, p99",
            value=late(ours),
            unit="ms",
            peer="nginx nchan" if nchan else without,
            peer_value=late(nchan) if nchan else None,
            reach="<= 250 ms",
            reached=late(ours) <= 250,
            note=f"median {middle(one['late_ms']['p50'] for one in ours):.0f} ms",
        ),
        Figure(
            what="a page meanwhile, p95",
            value=page,
            unit="ms",
            reach="<= 300 ms",
            reached=page <= 300,
            note=f"median {middle(one['pages']['p50'] for one in ours):.0f} ms",
        ),
        Figure(
            what="memory for each stream",
            value=kb,
            unit="kB",
            peer="nginx nchan" if nchan else without,
            peer_value=middle(one["kb_per_stream"] for one in nchan) if nchan else None,
            reach="<= 40 kB",
            reached=kb <= 40,
        ),
    ]


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
