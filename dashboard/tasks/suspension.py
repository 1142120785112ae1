"""Changes all tasks of a key or of the gateway: suspends them without a usable key, resumes them with one, pauses or
defers them, or marks them while the gateway is out of order.

Suspending breaks leases: the result of a poll in flight is discarded, and the task is polled again later.
"""

from datetime import datetime, timedelta
from uuid import UUID

from dashboard.database import write_transaction
from dashboard.keys.models import ApiKey
from dashboard.tasks import closed_accounts, states, writes
from dashboard.tasks.models import Task, TaskEvent, TaskQuerySet

SPREAD = timedelta(milliseconds=50)  # between two polls once the wait is over


def reconcile_with_keys(now: datetime) -> int:
    """Suspends tasks without a usable key, and resumes those that have one again. Returns how many tasks changed.

    Code that changes a key only has to wake the poller: this function derives from the rows what that means for tasks.
    """
    closed_accounts.end_finished(now)
    keyless = Task.objects.scheduled_without_usable_key().select_related("key").order_by()
    moved = 0
    if Task.objects.scheduled_without_usable_key().exists():
        with write_transaction():
            merely_refused = Task.objects.merely_refused().values("pk")
            moved += _suspend(keyless.exclude(pk__in=merely_refused), states.NO_KEY, now, "")
            moved += _suspend(keyless, states.KEY_REFUSED, now, "")
    if Task.objects.suspended_with_usable_key().exists():
        with write_transaction():
            moved += _change_all(
                Task.objects.suspended_with_usable_key(),
                "",
                condition=states.FINE,
                condition_since=None,
                next_poll_at=now,
                refusals=0,
                failures=0,
            )
    return moved


def suspend(key: ApiKey, condition: str, now: datetime, detail: str = "") -> int:
    """Stops polling the key's tasks until it may be used again. Returns how many tasks were given the condition."""
    with write_transaction():
        return _suspend(Task.objects.of_key(key), condition, now, detail)


def pause(key: ApiKey, until: datetime, probe: UUID, probe_at: datetime) -> None:
    """Makes all of the key's tasks wait except the probe, which finds out whether the key still works."""
    waiting = Task.objects.of_key(key).scheduled().unleased()
    writes.set_fields(waiting.due_before(until), next_poll_at=until)
    writes.set_fields(waiting.filter(pk=probe), next_poll_at=probe_at)


def resume(key: ApiKey, now: datetime) -> None:
    """Ends a `pause`."""
    waiting = Task.objects.of_key(key).scheduled().unleased().active().filter(next_poll_at__gt=now)
    writes.set_fields(waiting, next_poll_at=now)


def defer(key: ApiKey, until: datetime) -> datetime:
    """Defers the key's polls until `until`, and spreads them out from then on. Returns the end of the queue."""
    waiting = Task.objects.of_key(key).scheduled().unleased().due_before(until).order_by("next_poll_at")
    moved = [*waiting.only("next_poll_at")]
    for place, task in enumerate(moved):
        task.next_poll_at = until + place * SPREAD
    writes.set_next_polls(moved)
    return until + len(moved) * SPREAD


def mark_gateway_condition(condition: str, now: datetime, detail: str = "") -> int:
    """Sets a condition of the gateway itself on every polled task that was fine or overdue; returns how many."""
    fine = Task.objects.active().submitted().scheduled().filter(condition__in=(states.FINE, states.OVERDUE))
    fields = {"condition": condition, "condition_since": now}
    changed = 0
    while fine.exists():
        with write_transaction():
            changed += writes.update_batch(fine, TaskEvent.Kind.CONDITION, fields, detail=detail)
    return changed


def _suspend(tasks: TaskQuerySet, condition: str, now: datetime, detail: str) -> int:
    waiting = tasks.active().submitted()
    changed = _change_all(
        waiting.exclude(condition=condition),
        detail,
        condition=condition,
        condition_since=now,
        next_poll_at=None,
        **writes.NO_LEASE,
    )
    scheduled = [*tasks.scheduled().values_list("pk", flat=True)]
    writes.set_fields(Task.objects.filter(pk__in=scheduled), next_poll_at=None, **writes.NO_LEASE)
    return changed


def _change_all(tasks: TaskQuerySet, detail: str, **fields: object) -> int:
    """Changes tasks until none is left, so `fields` must take each out of the query. In the caller's transaction."""
    changed = 0
    while count := writes.update_batch(tasks, TaskEvent.Kind.CONDITION, fields, detail=detail):
        changed += count
    return changed
