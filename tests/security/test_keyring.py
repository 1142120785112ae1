"""A missing or wrong keyring stops every command that decrypts keys, and is never replaced silently."""

import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from tests.support.processes import ROOT, ServerProcess, environment

pytestmark = pytest.mark.server

SERVE, POLL = ("serve", "--port", "0"), ("runworker", "poller")


def run(process: ServerProcess, *command: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command that should exit by itself."""
    program = [sys.executable, "manage.py", *command]
    settings = environment(process.data_dir, **env)
    return subprocess.run(program, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)


@pytest.fixture
def sealed(process: ServerProcess) -> str:
    """Adds a key for alice, and returns it as it is stored, encrypted."""
    process.act("key", owner="alice", secret="sk-canary-0123456789", label="Studio")
    return stored(process)


def stored(process: ServerProcess) -> str:
    return str(process.act("rows", sql="SELECT hex(sealed) FROM api_key")[0][0])


@pytest.mark.parametrize("command", [SERVE, POLL])
def test_it_does_not_start_with_a_wrong_one(process: ServerProcess, sealed: str, command: tuple[str, ...]) -> None:
    refused = run(process, *command, KEYRING=Fernet.generate_key().decode())
    assert refused.returncode == 1
    assert "KEYRING does not open 1 of 1 stored API keys ('Studio')" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert stored(process) == sealed


@pytest.mark.parametrize("command", [SERVE, POLL])
def test_it_makes_no_new_one_while_keys_are_sealed(
    process: ServerProcess, sealed: str, command: tuple[str, ...]
) -> None:
    (process.data_dir / "keyring").unlink()
    refused = run(process, *command)
    assert refused.returncode == 1
    assert "The keyring is missing" in refused.stderr
    assert str(process.data_dir / "keyring") in refused.stderr
    assert not (process.data_dir / "keyring").exists()
    assert stored(process) == sealed


@pytest.mark.parametrize("command", [SERVE, POLL])
def test_an_empty_file_is_none(process: ServerProcess, sealed: str, command: tuple[str, ...]) -> None:
    (process.data_dir / "keyring").write_text("\n")
    refused = run(process, *command)
    assert (refused.returncode, "The keyring is missing" in refused.stderr) == (1, True)


@pytest.mark.parametrize("command", [("check",), ("makemigrations", "--check"), ("migrate", "-v0")])
def test_other_commands_need_none_and_make_none(process: ServerProcess, command: tuple[str, ...]) -> None:
    (process.data_dir / "keyring").unlink(missing_ok=True)
    assert run(process, *command).returncode == 0
    assert not (process.data_dir / "keyring").exists()


def test_putting_the_copy_back_is_enough(process: ServerProcess, sealed: str) -> None:
    copy = (process.data_dir / "keyring").read_text()
    (process.data_dir / "keyring").unlink()
    assert run(process, *SERVE).returncode == 1
    (process.data_dir / "keyring").write_text(copy)
    process.start()


def test_the_first_start_makes_one(process: ServerProcess) -> None:
    process.start()
    Fernet((process.data_dir / "keyring").read_text().strip())
    assert (process.data_dir / "keyring").stat().st_mode & 0o777 == 0o600


def test_secrets_that_nothing_opens_can_be_forgotten(process: ServerProcess, sealed: str) -> None:
    (process.data_dir / "keyring").unlink()
    assert "forgetkeys" in run(process, *SERVE).stderr
    assert run(process, "forgetkeys").returncode == 1
    assert stored(process) == sealed
    assert "'Studio'" in run(process, "forgetkeys", "--yes").stdout
    assert stored(process) == ""
    process.start()


def test_secrets_that_open_are_never_forgotten(process: ServerProcess, sealed: str) -> None:
    assert run(process, "forgetkeys", "--yes").returncode == 0
    assert stored(process) == sealed
