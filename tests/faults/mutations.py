"""`python -m tests.faults.mutations`: takes each guard away in a copy of the tree, and sees a test miss it.

Prints a table; ends with 1 if a guard's loss goes unnoticed, its text is not found, or its tests fail as they are.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.faults.guards import GUARDS, Guard

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("dashboard", "tests", "templates", "static", "manage.py", "pyproject.toml")
PATIENCE = 300.0  # seconds for the tests of one guard
FAILED = 1  # pytest's exit code; others mean that it could not run the tests at all
AT_ONCE = 2


class Spoilt(Exception):
    """The check itself can't be made."""


@dataclass(frozen=True, slots=True)
class Verdict:
    guard: Guard
    missed_by: str  # the first test that fails without the guard; empty: none
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return bool(self.missed_by) and not self.problem


def copy_tree(target: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)


def take_away(guard: Guard, tree: Path) -> None:
    """Raises Spoilt if a text is not there, or not once."""
    for name, text, without in guard.taken:
        file = tree / "dashboard" / name
        content = file.read_text()
        if content.count(text) != 1:
            raise Spoilt(f"{content.count(text)} times in {name}: {text.strip()}")
        file.write_text(content.replace(text, without))


def run(tests: Iterable[str], tree: Path) -> tuple[int, str]:
    """pytest's exit code, and the first test that failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=no", *tests]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return FAILED, "(they do not end)"
    failed = re.search(r"^(?:FAILED|ERROR) \S+::(\w+)", done.stdout, re.MULTILINE)
    return done.returncode, failed[1] if failed else ""


def check(guard: Guard) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="reelboard-guards-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        try:
            take_away(guard, tree)
        except Spoilt as problem:
            return Verdict(guard, "", str(problem))
        code, test = run(guard.tests, tree)
    return Verdict(guard, test if code == FAILED else "", "" if code in (0, FAILED) else f"pytest ended with {code}")


def check_as_it_is(guards: Iterable[Guard]) -> str:
    """The first test that fails with all guards in place."""
    with tempfile.TemporaryDirectory(prefix="reelboard-guards-") as folder:
        copy_tree(Path(folder))
        code, test = run(sorted({test for guard in guards for test in guard.tests}), Path(folder))
    return "" if code == 0 else test or f"pytest ended with {code}"


def table(verdicts: Iterable[Verdict]) -> str:
    lines = ["| guard taken away | missed by |", "|---|---|"]
    for verdict in verdicts:
        told = verdict.problem or (f"`{verdict.missed_by}`" if verdict.missed_by else "**nothing**")
        lines.append(f"| {verdict.guard.name} | {told} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only the guards with such a word in their name")
    words = parser.parse_args().words
    guards = [guard for guard in GUARDS if not words or any(word in guard.name for word in words)]
    begun = time.monotonic()
    if failing := check_as_it_is(guards):
        print(f"With all guards in place this fails: {failing}")
        return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = [*pool.map(check, guards)]
    good = sum(verdict.is_good for verdict in verdicts)
    print(table(verdicts))
    print(f"\n{good} of {len(verdicts)} noticed, in {time.monotonic() - begun:.0f} s")
    return int(good != len(verdicts))


if __name__ == "__main__":
    sys.exit(main())
