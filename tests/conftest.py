"""Fixtures for every test: each lives in the module that it is about."""

import uuid
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.db import connection

pytest_plugins = ["tests.support.engines", "tests.support.gateway", "tests.support.cast", "tests.support.processes"]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """PostgreSQL is thrown away as a whole; and it would not drop a database that some thread is connected to."""
    return connection.vendor != "sqlite"


@pytest.fixture(autouse=True)
def own_sign_in_counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wrong passwords of one test must not make another one wait: members of the same name come and go."""
    monkeypatch.setattr(caches["default"], "key_prefix", uuid.uuid4().hex)
    yield
    caches.close_all()
