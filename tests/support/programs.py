"""System programs that tests run, such as a browser."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """Returns the program's path. If it is not installed, skips the test, or fails it if CI=true, where nothing may be
    skipped."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")  # where Debian puts servers
    if path is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
