"""What every command does before it opens sealed keys: `serve`, `runworker` and `demo`."""

from django.core.management.base import CommandError

from dashboard.keys import keyring


def check_keyring() -> None:
    """Raises CommandError, in the words for whoever starts it, where a stored key does not open."""
    try:
        keyring.prepare()
    except keyring.WrongKeyring as problem:
        raise CommandError(str(problem)) from None
