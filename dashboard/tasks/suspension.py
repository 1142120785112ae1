"""What happens to many tasks at once: parked when their key is of no use, let go when it is again, marked when the
gateway is out of order.

Parking breaks leases: what a poll under way still finds is not written, and is asked for again later.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from dashboard.database import write_transaction
from dashboard.keys.models import ApiKey
from dashboard.tasks import closed_accounts, states, writes
from dashboard.tasks.models import Task, TaskEvent, TaskQuerySet

BATCH_SIZE = 500  # tasks in one statement
SPREAD = timedelta(milliseconds=50)  # between two polls after a rest

NO_LEASE: dict[str, object] = {"lease_until": None, "lease_token": None}


def reconcile_with_keys(now: datetime) -> int:
    """Parks what has no key to be asked for with, and lets go what has one again. Returns how many tasks moved.

    Whoever changes a key only wakes the poller: what that means for the tasks follows from the rows.
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
    """Stops asking for the key's tasks until it may be used again. Returns how many say so now and did not before."""
    with write_transaction():
        return _suspend(Task.objects.of_key(key), condition, now, detail)


def pause(key: ApiKey, until: datetime, probe: UUID, probe_at: datetime) -> None:
    """All the key's tasks wait, but for one that is to find out whether the key still works."""
    waiting = Task.objects.of_key(key).scheduled().unleased()
    waiting.due_before(until).update(next_poll_at=until)
    waiting.filter(pk=probe).update(next_poll_at=probe_at)


def resume(key: ApiKey, now: datetime) -> None:
    """Ends a `hold`."""
    Task.objects.of_key(key).scheduled().unleased().active().filter(next_poll_at__gt=now).update(next_poll_at=now)


def defer(key: ApiKey, until: datetime) -> datetime:
    """Nothing is asked with the key before `until`, and then not everything at once. Returns the end of the queue."""
    waiting = Task.objects.of_key(key).scheduled().unleased().due_before(until).order_by("next_poll_at")
    moved = [*waiting.only("next_poll_at")]
    for place, task in enumerate(moved):
        task.next_poll_at = until + place * SPREAD
    Task.objects.bulk_update(moved, ["next_poll_at"], batch_size=200)
    return until + len(moved) * SPREAD


def mark_gateway_condition(condition: str, now: datetime, detail: str = "") -> int:
    """The gateway itself is out of order: says so on every task that is being asked for and was fine."""
    fine = Task.objects.active().submitted().scheduled().filter(condition__in=(states.FINE, states.OVERDUE))
    told = 0
    while fine.exists():
        with write_transaction():
            told += _change_some(fine, detail, {"condition": condition, "condition_since": now})
    return told


def _suspend(tasks: TaskQuerySet, condition: str, now: datetime, detail: str) -> int:
    waiting = tasks.active().submitted()
    told = _change_all(
        waiting.exclude(condition=condition),
        detail,
        condition=condition,
        condition_since=now,
        next_poll_at=None,
        **NO_LEASE,
    )
    Task.objects.filter(pk__in=[*tasks.scheduled().values_list("pk", flat=True)]).update(next_poll_at=None, **NO_LEASE)
    return told


def _change_all(tasks: TaskQuerySet, detail: str, **fields: object) -> int:
    """Changes the tasks until none is left, so the fields must take each out of the query. Caller's transaction."""
    told = 0
    while number := _change_some(tasks, detail, fields):
        told += number
    return told


def _change_some(tasks: TaskQuerySet, detail: str, fields: dict[str, object]) -> int:
    """At most AT_ONCE of the tasks, with an event for each."""
    held = Task.objects.lock_for_update([*tasks.values_list("pk", flat=True)[:BATCH_SIZE]])
    if not held:
        return 0
    Task.objects.filter(pk__in=held).update(version=F("version") + 1, **fields)
    for task in held.values():
        for name, value in fields.items():
            setattr(task, name, value)
        task.version += 1
    writes.record_events([writes.event_of(task, TaskEvent.Kind.CONDITION, detail) for task in held.values()])
    return len(held)
