"""`python -m tests.faults.mutations`: removes each guard in a copy of the tree, and checks that a test fails.

Prints a table. Exits with 1 if the removal of a guard goes unnoticed, if a guard can't be removed, or if the tests
already fail without changes. Arguments are words: only guards with one of them in their name are removed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.edits import CannotEdit
from tests.faults.guards import GUARDS, PRODUCT, ROOT, Guard, without

COPIED = (PRODUCT, "tests", "templates", "static", "manage.py", "pyproject.toml")
TIMEOUT = 300.0  # seconds for the tests of one guard
FAILED = 1  # pytest's exit code for failed tests; the others mean that it could not run the tests at all
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Result:
    guard: Guard
    failed_test: str  # the first test that fails without the guard; empty if none does
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return bool(self.failed_test) and not self.problem


@contextmanager
def copied_tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="reelboard-guards-") as folder:
        for name in COPIED:
            source, target = ROOT / name, Path(folder) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        yield Path(folder)


def run_tests(tests: Iterable[str], tree: Path, timeout: float) -> tuple[int, str]:
    """Returns pytest's exit code, and the first test that failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=no", *tests]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return FAILED, "(they do not end)"
    failed = re.search(r"^(?:FAILED|ERROR) \S+::(\w+)", done.stdout, re.MULTILINE)
    return done.returncode, failed[1] if failed else ""


def check(guard: Guard) -> Result:
    with copied_tree() as tree:
        try:
            for file, text in without(guard, tree).items():
                file.write_text(text)
        except CannotEdit as problem:
            return Result(guard, "", str(problem))
        code, test = run_tests(guard.tests, tree, TIMEOUT)
    return Result(guard, test if code == FAILED else "", "" if code in (0, FAILED) else f"pytest exited with {code}")


def first_failure(guards: Iterable[Guard]) -> str:
    """Returns the first test that fails with all guards in place; empty if none does."""
    tests = sorted({test for guard in guards for test in guard.tests})
    with copied_tree() as tree:
        code, test = run_tests(tests, tree, TIMEOUT * len(tests))
    return "" if code == 0 else test or f"pytest exited with {code}"


def table(results: Iterable[Result]) -> str:
    lines = ["| guard taken away | test that fails |", "|---|---|"]
    for result in results:
        outcome = result.problem or (f"`{result.failed_test}`" if result.failed_test else "**none**")
        lines.append(f"| {result.guard.name} | {outcome} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only the guards with such a word in their name")
    words = parser.parse_args().words
    guards = [guard for guard in GUARDS if not words or any(word in guard.name for word in words)]
    started = time.monotonic()
    if failing := first_failure(guards):
        print(f"This fails with all guards in place: {failing}")
        return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = [*pool.map(check, guards)]
    good = sum(result.is_good for result in results)
    print(table(results))
    print(f"\n{good} of {len(results)} noticed, in {time.monotonic() - started:.0f} s")
    return int(good != len(results))


if __name__ == "__main__":
    sys.exit(main())
