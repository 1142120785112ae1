"""With more threads than connections, they wait for one another, and longer than for a database that is down."""

import copy
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections

from dashboard.postgresql import base
from dashboard.postgresql.base import DatabaseWrapper
from tests.support.engine_marks import large_only

pytestmark = large_only

CONNECTIONS = 2
POOL_TIMEOUT = 0.3  # seconds


@pytest.fixture
def settings_dict(transactional_db: None) -> dict[str, Any]:
    """The settings of the tests' database, with a small pool that times out soon."""
    found = copy.deepcopy(connections["default"].settings_dict)
    pool = {"min_size": 0, "max_size": CONNECTIONS, "timeout": POOL_TIMEOUT, "reconnect_timeout": 0.1}
    found["OPTIONS"]["pool"] = pool
    return found


@pytest.fixture(autouse=True)
def own_pool(settings_dict: dict[str, Any]) -> Iterator[None]:
    yield
    DatabaseWrapper(settings_dict, "small").close_pool()
    DatabaseWrapper._places.pop("small", None)


def query(settings_dict: dict[str, Any], seconds: float) -> None:
    """Uses a connection for that many seconds."""
    wrapper = DatabaseWrapper(settings_dict, "small")
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT 1")
            time.sleep(seconds)
    finally:
        wrapper.close()


def test_they_wait_for_one_another(settings_dict: dict[str, Any]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: query(settings_dict, POOL_TIMEOUT), range(8)))


def test_they_do_not_wait_for_ever(settings_dict: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_WAIT", 0.05)
    with ThreadPoolExecutor(CONNECTIONS + 1) as threads:
        asked = [threads.submit(query, settings_dict, 1.0) for _ in range(CONNECTIONS + 1)]
    errors = [error for error in (query.exception() for query in asked) if error]
    assert [str(error) for error in errors] == ["all 2 connections were in use for 0 s"]


def test_a_database_that_is_down_is_said_to_be_soon_and_costs_no_place(settings_dict: dict[str, Any]) -> None:
    down = settings_dict | {"HOST": "127.0.0.1", "PORT": "1"}
    for _ in range(CONNECTIONS + 1):
        with pytest.raises(OperationalError):
            query(down, 0)
    DatabaseWrapper(down, "small").close_pool()
    query(settings_dict, 0)
