"""The short form of `python -m tests.faults.crowd`."""

import secrets

import pytest

from tests.faults.crowd import gathered
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server


def test_everybody_comes_back_to_a_restarted_server(process: ServerProcess) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    assert gathered(process, 60, seed) == []
