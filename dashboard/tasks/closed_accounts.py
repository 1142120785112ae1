"""Closed accounts: once an account's tasks are done, its keys are never used again."""

from datetime import datetime, timedelta

from dashboard.accounts import actions
from dashboard.tasks.models import Task

# Longer than any task is polled and any copy is retried. Without a limit, a key that the gateway refuses would be
# waited for forever.
MAX_FINISHING_TIME = timedelta(days=17)


def end_finished(now: datetime) -> int:
    """Stops using the keys of closed accounts whose tasks are done or whose time is up. Returns how many accounts."""
    ended = 0
    for user in actions.finishing_members():
        assert user.finishing_since is not None
        if user.finishing_since < now - MAX_FINISHING_TIME or not Task.objects.unfinished().with_keys_of(user).exists():
            ended += actions.end_finishing(user)
    return ended
