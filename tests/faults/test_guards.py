"""The list of guards is about the code as it is; `make soak` takes each of them away."""

import pytest

from tests.faults.guards import GUARDS, Guard
from tests.faults.mutations import ROOT


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_it_is_there_to_be_taken_away(guard: Guard) -> None:
    for file, text, without in guard.taken:
        assert (ROOT / "dashboard" / file).read_text().count(text) == 1
        assert text != without
    assert all((ROOT / test).is_file() for test in guard.tests)
