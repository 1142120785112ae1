"""Claims: which poller polls which task, and until when. Each claim has a new token that fences its write-back.

A claim sets `next_poll_at` to the end of the lease, so the task is due again even if its poller dies.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min, Prefetch, Q, prefetch_related_objects

from dashboard import failpoints
from dashboard.database import write_transaction
from dashboard.keys.models import ApiKey
from dashboard.polling.metrics import poller_metrics
from dashboard.tasks.models import Task

LEASE = timedelta(seconds=30)
KEYS = Prefetch("key", ApiKey.objects.select_related("owner"))  # one query: both decide whether the key may be used
LONGEST_WAIT = timedelta(hours=1, minutes=10)  # no poll is scheduled later than this


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """The claimed tasks, and when the next one is due (None: no task is scheduled)."""

    claimed: list[Task]
    next_at: datetime | None


def claim_due(limit: int, now: datetime, lease: timedelta = LEASE) -> ClaimResult:
    """Claims up to `limit` due tasks, those that have been due longest first. Writes nothing if none is due."""
    claimed = claim(limit, now, lease) if limit and Task.objects.due(now).submitted().exists() else []
    if limit and len(claimed) == limit:
        return ClaimResult(claimed, now)
    coming = Task.objects.filter(next_poll_at__gt=now).aggregate(at=Min("next_poll_at"))
    return ClaimResult(claimed, coming["at"])


def claim(limit: int, now: datetime, lease: timedelta = LEASE) -> list[Task]:
    """Claims due tasks and returns them with their keys. Their `next_poll_at` is still the time they were due."""
    failpoints.hit("before_claim")
    token, until = uuid.uuid4(), now + lease
    with write_transaction():
        due = Task.objects.due(now).submitted().prefetch_related(KEYS).without_texts()
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        claimed = [*due[:limit]]
        Task.objects.filter(pk__in=[task.pk for task in claimed]).update(
            lease_token=token,
            lease_until=until,
            next_poll_at=until,  # guard: claim-expires
        )
    # Only for terminal tasks: others have no videos, and the query takes a tenth of a poll.
    prefetch_related_objects([task for task in claimed if task.is_terminal], "videos")
    poller_metrics.reclaimed += sum(task.lease_token is not None for task in claimed)
    for task in claimed:
        task.lease_token, task.lease_until = token, until
    failpoints.hit("after_claim")
    return claimed


def renew(tasks: Iterable[Task], until: datetime) -> None:
    """Extends the claims of polls still under way, such as those with large answers. Lost claims stay lost."""
    by_token: dict[uuid.UUID, list[Task]] = {}
    for task in tasks:
        if task.lease_token:
            by_token.setdefault(task.lease_token, []).append(task)
    with write_transaction():
        for token, held in by_token.items():
            Task.objects.leased(token).filter(pk__in=[task.pk for task in held]).update(
                lease_until=until, next_poll_at=until
            )
    for held in by_token.values():
        for task in held:
            task.lease_until = until


def release(tasks: Iterable[Task], now: datetime) -> int:
    """Releases claims without a write-back. Returns how many were still held."""
    by_token: dict[uuid.UUID, list[uuid.UUID]] = {}
    for task in tasks:
        if task.lease_token:
            by_token.setdefault(task.lease_token, []).append(task.pk)
    released = 0
    with write_transaction():
        for token, ids in by_token.items():
            held = Task.objects.leased(token).filter(pk__in=ids)
            released += held.update(lease_token=None, lease_until=None, next_poll_at=now)
    return released


def repair_schedule(now: datetime, *, clock_went_back: bool = False) -> int:
    """Reschedules tasks that a wrong clock scheduled too late. Returns how many."""
    lost = Q(next_poll_at__gt=now + LONGEST_WAIT)
    if clock_went_back:
        lost |= Q(next_poll_at__gt=now)
    with write_transaction():
        Task.objects.filter(lease_until__gt=now + 2 * LEASE).update(lease_until=None, lease_token=None)
        return Task.objects.filter(lost, lease_token=None).update(next_poll_at=now)
