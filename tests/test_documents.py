"""The documents refer to existing commands, settings and files; README.md is short, and tests run its commands."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.deployment.compose_file import settings_read

ROOT = Path(__file__).parent.parent
DOCUMENTS = [str(path.relative_to(ROOT)) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])]
MAKEFILE = (ROOT / "Makefile").read_text()
# Where each command of README.md is run: a file, and the text in it.
RUN_BY = {
    "make demo": ("tests/serving/test_demo.py", '"make", "demo"'),
    "make run": ("tests/serving/test_demo.py", '"make", "run"'),
    "make test": (".ci/run", "make test"),
    "manage.py serve": ("tests/support/processes.py", '"manage.py", "serve"'),
    "manage.py runworker": ("tests/support/processes.py", '"manage.py", "runworker"'),
    "manage.py gateway": ("tests/demo/test_command.py", '"manage.py", "gateway"'),
    "manage.py createsuperuser": ("tests/security/test_names.py", 'call_command("createsuperuser"'),
    "manage.py unlock": ("tests/security/test_sign_in_unlock.py", 'call_command("unlock"'),
    "manage.py forgetkeys": ("tests/security/test_keyring.py", '"forgetkeys"'),
}


def commands(document: str) -> set[str]:
    """Returns `make x` and `manage.py y` in code."""
    text = (ROOT / document).read_text()
    code = "\n".join(block or span for block, span in re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", text, re.S))
    return {f"{program} {name}" for program, name in re.findall(r"(make|manage\.py) ([a-z]+)", code)}


def settings(document: str) -> list[str]:
    """Returns the first column of the tables of settings."""
    rows = re.findall(r"^\|((?: `[A-Z][A-Z_]+`,?)+) \|", (ROOT / document).read_text(), re.M)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_the_readme_fits_a_sitting() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 120


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_exists(document: str) -> None:
    targets = {f"make {name}" for name in re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.M)}
    assert commands(document) - targets - {f"manage.py {name}" for name in get_commands()} == set()


def test_every_command_of_the_readme_is_run() -> None:
    assert commands("README.md") == RUN_BY.keys()


@pytest.mark.parametrize("command", RUN_BY)
def test_what_runs_it_still_does(command: str) -> None:
    where, words = RUN_BY[command]
    assert words in (ROOT / where).read_text()


def test_every_setting_stands_in_one_table() -> None:
    named = sorted(settings("README.md") + settings("docs/operations.md"))
    assert named == sorted(name for name in settings_read() if not name.endswith("_FILE"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / document).read_text())
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []


def test_the_glossary_explains_each_word_once() -> None:
    words = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs/glossary.md").read_text(), re.M)
    explained = [word for word in words if word not in {"word", "---"}]
    assert len(explained) == len(set(explained)) > 40
