"""`python -m tests.faults.long [word ...]`: runs the long tests one by one, and updates docs/reliability.md.

With words, runs only the parts whose name contains one of them; the document keeps the results of the others.
"""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "reliability.md"
SHOWN = 60  # last lines of an output


@dataclass(frozen=True, slots=True)
class Part:
    """One command of the document, between the markers with its name."""

    name: str
    command: str  # as it is typed; python is the interpreter that runs this

    @property
    def marks(self) -> tuple[str, str]:
        return f"<!-- {self.name} -->", f"<!-- end of {self.name} -->"


PARTS = (
    Part("kills on SQLite", "python -m tests.faults.campaign --engine sqlite --kills 1000"),
    Part("kills on PostgreSQL", "python -m tests.faults.campaign --engine postgresql --kills 1000"),
    Part("screens", "env SCHEDULES=10000 python -m pytest -q -s tests/faults/test_screens.py"),
    Part(
        "screens in several languages", "env SCHEDULES=10000 python -m pytest -q -s tests/faults/test_mixed_screens.py"
    ),
    Part(
        "four pollers",
        "env SHARED_TASKS=10000 SHARED_POLLERS=4 SHARED_NAP=90 python -m tests.support.engines python -m pytest -q -s "
        "tests/scale/test_pollers.py -k share",
    ),
    Part(
        "PostgreSQL away",
        "env AWAY=30 python -m tests.support.engines python -m pytest -q -s tests/scale/test_database.py -k recover",
    ),
    Part(
        "SQLite held",
        "env LOCKED=30 WRITING=60 python -m pytest -q -s tests/faults/test_locked_database.py "
        "tests/faults/test_many_writers.py",
    ),
    Part("the gateway gone", "python -m tests.faults.outage --seconds 600"),
    Part("the clock", "python -m tests.faults.wall_clock"),
    Part("a crowd", "python -m tests.faults.crowd --streams 1000"),
    Part("readers that stop", "python -m tests.faults.stalled_readers --streams 1000 --stuck 100 --vanished 100"),
    Part("steady work", "python -m tests.faults.soak --seconds 1800"),
    Part(
        "changed answers",
        "env DOCUMENTS=10000000 FAULTS_SEED=7 python -m pytest -q -s tests/upstream/test_answers_fuzz.py -k changed",
    ),
    Part(
        "axe on every page at every size",
        "env PAGE_SIZES=smallest,phone,wide,widest python -m pytest -q tests/browser/test_accessibility.py -k axe",
    ),
    Part(
        "damaged video files",
        "env DAMAGED_FILES=10000 python -m pytest -q tests/archive/test_file_reader.py -k damaged",
    ),
    Part("guards", "python -m tests.faults.mutations"),
)


def run(part: Part) -> tuple[int, str]:
    """Returns the exit code, and the text for the document."""
    begun, today = time.monotonic(), datetime.now(UTC).date()
    words = [sys.executable if word == "python" else word for word in part.command.split()]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    took = time.monotonic() - begun
    shown = "\n".join(lines if part.name == "guards" else _shortened(lines))
    body = shown if part.name == "guards" else f"```\n{shown}\n```"
    ended = "all well" if done.returncode == 0 else f"**exit code {done.returncode}**"
    return done.returncode, f"`{part.command}`, {today}, {took:.0f} s, {ended}:\n\n{body}"


def _shortened(lines: list[str]) -> list[str]:
    seeds = [line for line in lines if re.match(r"\.?FAULTS_SEED=", line)]
    if len(seeds) > 1:
        lines = [
            f"{seeds[0].lstrip('.')} and the {len(seeds) - 1} after it",
            *(line for line in lines if line not in seeds),
        ]
    return lines[-SHOWN:]


def put(part: Part, text: str) -> None:
    """Raises ValueError if the document has no place for the part."""
    start, end = part.marks
    document = DOCUMENT.read_text()
    head, found, rest = document.partition(start)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"docs/reliability.md has no place for {part.name!r}")
    DOCUMENT.write_text(f"{head}{start}\n{text}\n{end}{tail}")


def main() -> int:
    failed = 0
    for part in PARTS:
        if sys.argv[1:] and not any(word in part.name for word in sys.argv[1:]):
            continue
        code, text = run(part)
        put(part, text)
        print(text, flush=True)
        failed += code != 0
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
