"""Fixtures for every test: each lives in the module that it is about."""

pytest_plugins = ["tests.gateway", "tests.people_cast", "tests.processes"]
