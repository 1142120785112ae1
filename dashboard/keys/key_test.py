"""What testing a key came to, as a message to whoever tested it."""

from django.contrib import messages

from dashboard.keys import actions
from dashboard.keys.models import ApiKey


def test(key: ApiKey) -> tuple[int, str]:
    """Asks the gateway; the level and the words."""
    problem = actions.test(key)
    return (messages.WARNING, f"{key.label}: {problem}") if problem else (messages.SUCCESS, f"{key.label} works.")
