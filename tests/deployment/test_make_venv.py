"""ops/make-venv uses any supported Python on the machine, and says what to install if there is none.

The Pythons are scripts with fixed output.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

TOOLS = ("bash", "chmod", "cmp", "cp", "dirname", "mkdir", "mktemp", "rm", "tail", "id")
LOCK = "requirements-dev.lock"
PYTHON = """#!/bin/sh
case "$*" in
  "-I -c import ensurepip, venv") {can_make_venv} ;;
  *sys.exit*) {is_supported} ;;
  *base_prefix*) echo {version} {place} ;;
  *version_info*) echo {version} ;;
  "-m venv .venv") mkdir -p .venv/bin .venv/lib/python{version}
    cp "$0" .venv/bin/python
    printf '#!/bin/sh\\n' >.venv/bin/pip
    chmod +x .venv/bin/pip ;;
esac
"""


class Checkout:
    """A folder with the script and a lock file, and with its own PATH that has neither Python nor apt-get."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "path"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        (folder / "ops").mkdir()
        for script in ("make-venv", "install-packages"):
            shutil.copy(ROOT / "ops" / script, folder / "ops" / script)
        (folder / LOCK).write_text("django==5.2\n")

    def python(self, version: str, can_make_venv: bool = True, is_supported: bool = True) -> Path:
        path = self.bin / f"python{version}"
        words = {True: "true", False: "false"}
        answers = {"can_make_venv": words[can_make_venv], "is_supported": words[is_supported]}
        path.write_text(PYTHON.format(version=version, place=self.bin, **answers))
        path.chmod(0o755)
        return path

    def make_venv(self, python: Path | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": str(self.bin), "TMPDIR": str(self.folder), "PYTHON": str(python or "")}
        command = ["bash", "ops/make-venv"]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)

    def made_with(self) -> str:
        return os.listdir(self.folder / ".venv" / "lib")[0]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_it_takes_the_first_python_that_runs_and_says_nothing(checkout: Checkout) -> None:
    checkout.python("3.11", is_supported=False)  # a shim, for example
    checkout.python("3.12")
    checkout.python("3.13")
    made = checkout.make_venv()
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert checkout.made_with() == "python3.12"


def test_it_takes_the_one_that_is_named(checkout: Checkout) -> None:
    checkout.python("3.11")
    assert checkout.make_venv(checkout.python("3.14")).returncode == 0
    assert checkout.made_with() == "python3.14"


def test_without_a_python_it_names_what_to_install(checkout: Checkout) -> None:
    made = checkout.make_venv()
    assert made.returncode == 1
    assert made.stderr.startswith("Python 3.11, 3.12, 3.13 or 3.14 is needed, and none was found.")
    assert "apt-get install python3 python3-venv" in made.stderr


def test_it_names_the_named_python_that_is_too_old(checkout: Checkout) -> None:
    made = checkout.make_venv(old := checkout.python("3.10", is_supported=False))
    assert (made.returncode, made.stderr.split()[0]) == (1, f"PYTHON={old}")


def test_it_prefers_a_python_that_can_make_a_venv(checkout: Checkout) -> None:
    checkout.python("3.12", can_make_venv=False)
    checkout.python("3.13")
    assert checkout.make_venv().returncode == 0
    assert checkout.made_with() == "python3.13"


def test_where_the_venv_module_is_missing_it_names_its_package(checkout: Checkout) -> None:
    checkout.python("3.13", can_make_venv=False)
    made = checkout.make_venv()
    assert made.returncode == 1
    assert "python3.13-venv" in made.stderr
    assert not (checkout.folder / ".venv").exists()


def test_a_venv_that_is_current_stays(checkout: Checkout) -> None:
    named = checkout.python("3.13")
    assert checkout.make_venv().returncode == 0
    (checkout.folder / ".venv" / "mine").touch()
    assert [checkout.make_venv(python).returncode for python in (None, named)] == [0, 0]
    assert (checkout.folder / ".venv" / "mine").exists()


def test_it_makes_a_venv_again_when_its_python_is_gone(checkout: Checkout) -> None:
    checkout.python("3.12")
    assert checkout.make_venv().returncode == 0
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    (checkout.bin / "python3.12").unlink()
    checkout.python("3.13")
    assert checkout.make_venv().returncode == 0
    assert checkout.made_with() == "python3.13"


def test_it_makes_a_venv_again_when_its_link_leads_to_another_python(checkout: Checkout) -> None:
    checkout.python("3.11")
    assert checkout.make_venv().returncode == 0
    shutil.copy(checkout.python("3.13"), checkout.folder / ".venv" / "bin" / "python")
    (checkout.bin / "python3.11").unlink()
    assert checkout.make_venv().returncode == 0
    assert checkout.made_with() == "python3.13"


def test_it_makes_a_venv_again_when_another_python_is_named(checkout: Checkout) -> None:
    checkout.python("3.11")
    assert checkout.make_venv().returncode == 0
    assert checkout.make_venv(checkout.python("3.13")).returncode == 0
    assert checkout.made_with() == "python3.13"


def test_it_makes_a_venv_again_when_the_packages_change(checkout: Checkout) -> None:
    checkout.python("3.11")
    assert checkout.make_venv().returncode == 0
    (checkout.folder / ".venv" / "mine").touch()
    (checkout.folder / LOCK).write_text("django==6.0\n")
    assert checkout.make_venv().returncode == 0
    assert not (checkout.folder / ".venv" / "mine").exists()
