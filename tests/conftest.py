"""Fixtures for every test: each lives in the module that it is about."""

import pytest
from django.db import connection

pytest_plugins = ["tests.engines", "tests.gateway", "tests.people_cast", "tests.processes"]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """PostgreSQL is thrown away as a whole; and it would not drop a database that some thread is connected to."""
    return connection.vendor != "sqlite"
