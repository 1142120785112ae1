"""Marks for tests that apply to one deployment only."""

import pytest
from django.conf import settings
from django.db import connection

in_memory_only = pytest.mark.skipif(bool(settings.REDIS_URL), reason="about the channel layer in memory")
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
large_only = pytest.mark.skipif(connection.vendor != "postgresql", reason="runs with the tests on PostgreSQL")
