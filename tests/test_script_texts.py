"""All text in the scripts goes through t() or tn() as a literal, so that xgettext finds it."""

from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.script_literals import literals

SCRIPTS = sorted((ROOT / "static/js").rglob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=[str(path.relative_to(ROOT / "static/js")) for path in SCRIPTS])
def test_no_script_says_anything_by_itself(path: Path) -> None:
    assert [*literals(path.read_text())] == []


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('button.textContent = "Dismiss";', ["Dismiss"]),
        ("show(`Stale since ${time}`);", ["Stale since"]),
        ('show(isFailed ? t("Failed") : "Done");', ["Done"]),
        ("show(t(label), t(`Hi ${name}`));", ["t(label), t(`Hi ${name}`));", "Hi"]),
        ('show(tn("One video", many, count));', ['tn("One video", many, count));', "One video"]),
        ('show(t("It\'s \\"done\\""), tn("One video", "%(count)s videos", count));', []),
        ('show(\n  t(\n    "Removed",\n  ),\n);\n// Say "Hello"\n/* "Hello" */', []),
        ('if (event.key === "Enter") list.className = "message";', []),
    ],
)
def test_it_finds_what_stands_as_it_is(script: str, found: list[str]) -> None:
    assert [*literals(script)] == found
