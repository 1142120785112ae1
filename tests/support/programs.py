"""Programs of the system that tests drive, such as a browser."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """Its path. Skips the test where it is not installed, but fails it where CI=true: there nothing may be left out."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")  # where Debian puts servers
    if path is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
