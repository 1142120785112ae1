"""The archiver stores finished videos of every dialect, and nothing that is not a complete video."""

from pathlib import Path

import pytest

from dashboard.accounts.models import User
from dashboard.demo.options import DIALECTS
from tests.archive.conftest import check_kept, everything_in, keep
from tests.content.conftest import Videoed
from tests.support.cast import make_task
from tests.support.gateway import Gateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("manner", ["honest", "norange", "chunked", "norange+chunked", "redirect", "jsonurl"])
def test_it_keeps_videos_however_they_are_delivered(videoed: Videoed, data_dir: Path, manner: str) -> None:
    task = videoed(*[word for word in manner.split("+") if word != "honest"])
    keep(task)
    check_kept(task)
    assert len(everything_in(data_dir)) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_keeps_videos_of_every_dialect(videoed: Videoed, gateway: Gateway, alice: User, dialect: str) -> None:
    key = videoed().key
    assert key is not None
    upstream_id = gateway.add_task(dialect, status="completed", video="random")
    task = make_task(alice, key, upstream_id, status="completed")
    keep(task)
    check_kept(task)
