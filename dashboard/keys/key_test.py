"""Tests a key at the gateway and turns the result into a message."""

from django.contrib import messages

from dashboard.keys import actions
from dashboard.keys.models import ApiKey


def run(key: ApiKey) -> tuple[int, str]:
    """Tests the key. Returns the level and text for `messages.add_message`."""
    problem = actions.test(key)
    return (messages.WARNING, f"{key.label}: {problem}") if problem else (messages.SUCCESS, f"{key.label} works.")
