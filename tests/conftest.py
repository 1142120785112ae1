"""Fixtures for all tests; each is defined in the module it belongs to."""

import uuid
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.db import connection

pytest_plugins = ["tests.support.engines", "tests.support.gateway", "tests.support.cast", "tests.support.processes"]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """PostgreSQL is deleted as a whole, and can't drop a database while a thread is connected to it."""
    return connection.vendor != "sqlite"


@pytest.fixture(autouse=True)
def own_sign_in_counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wrong passwords in one test must not block sign-in in another, because the same names are used again."""
    monkeypatch.setattr(caches["default"], "key_prefix", uuid.uuid4().hex)
    yield
    caches.close_all()
