"""When the tasks of a closed account are done: from then on its keys are never used again."""

from datetime import datetime, timedelta

from dashboard.accounts import actions
from dashboard.tasks.models import Task

# Longer than any task is watched and any copy is tried for. A key that the gateway refuses would be waited for without
# an end.
MAX_FINISHING_TIME = timedelta(days=17)


def end_finished(now: datetime) -> int:
    """Returns for how many accounts that is now so."""
    ended = 0
    for user in actions.finishing_members():
        assert user.finishing_since is not None
        if user.finishing_since < now - MAX_FINISHING_TIME or not Task.objects.unfinished().with_keys_of(user).exists():
            ended += actions.end_finishing(user)
    return ended
