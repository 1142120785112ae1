"""The startup check of commands that open API keys: `serve`, `runworker` and `demo`."""

from django.core.management.base import CommandError

from dashboard.keys import keyring


def check_keyring() -> None:
    """Creates a keyring if needed. Raises CommandError with a message for the operator if a stored key doesn't open."""
    try:
        keyring.prepare()
    except keyring.WrongKeyring as problem:
        raise CommandError(str(problem)) from None
