"""The import contracts of pyproject.toml refuse forbidden imports: each one is added to a copy of the code."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOWNWARDS = "Imports point downwards only"
INSIDE = "Imports point downwards inside a folder"
CIRCLES = "No circles inside a folder"
VIEWS = "Only urls import views"
FORMS = "Only views and forms import forms"
CONSUMERS = "Only the server and the poller import consumers"
PURE = "Pure modules know no models"
DEMO = "Only management imports the demo gateway"

REFUSED = [
    ("demo.state", "tasks.models", {DOWNWARDS}),
    ("demo.state", "env", {DOWNWARDS}),
    ("tasks.views", "demo.state", {DEMO}),
    ("web.middleware", "content.views", {DOWNWARDS, VIEWS}),
    ("templatetags.display", "keys.views", {DOWNWARDS, VIEWS}),
    ("tasks.rows", "keys.views", {VIEWS}),
    ("live.event_reader", "tasks.views", {VIEWS}),
    ("tasks.answer_fields", "tasks.forms", {INSIDE, FORMS}),
    ("tasks.access", "tasks.rows", {INSIDE}),
    ("polling.metrics", "polling.loop", {CIRCLES}),
    ("runtime.server", "live.consumers", {CONSUMERS}),
    ("content.ranges", "tasks.models", {PURE}),
]


def lint_imports(folder: Path) -> str:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program], cwd=folder, capture_output=True, text=True, timeout=60).stdout


def broken(report: str) -> set[str]:
    return {line.removesuffix(" BROKEN") for line in report.splitlines() if line.endswith(" BROKEN")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "dashboard", folder / "dashboard", ignore=shutil.ignore_patterns("__pycache__"))
    assert "0 broken" in lint_imports(folder)
    return folder


@pytest.mark.parametrize(("importer", "imported", "contracts"), REFUSED)
def test_it_refuses_an_import_that_points_the_wrong_way(
    copy: Path, importer: str, imported: str, contracts: set[str]
) -> None:
    path = copy / "dashboard" / f"{importer.replace('.', '/')}.py"
    source = path.read_text()
    path.write_text(f"{source}\nimport dashboard.{imported}\n")
    try:
        report = lint_imports(copy)
    finally:
        path.write_text(source)
    assert contracts <= broken(report)
    assert f"{imported.rpartition('.')[2]} (" in report  # with the line of the import


@pytest.mark.parametrize("name", ["unplaced.py", "unplaced/__init__.py"])
def test_it_refuses_a_module_that_is_in_no_layer(copy: Path, name: str) -> None:
    path = copy / "dashboard" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    try:
        report = lint_imports(copy)
    finally:
        path.unlink()
        if path.name == "__init__.py":
            path.parent.rmdir()
    assert broken(report) == {DOWNWARDS}
    assert "unplaced" in report
