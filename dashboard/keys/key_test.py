"""Testing a key at the gateway, and the message that says what came of it."""

from django.contrib import messages

from dashboard.keys import actions
from dashboard.keys.models import ApiKey


def run(key: ApiKey) -> tuple[int, str]:
    """The level and the text of the message, for `messages.add_message`."""
    problem = actions.test(key)
    return (messages.WARNING, f"{key.label}: {problem}") if problem else (messages.SUCCESS, f"{key.label} works.")
