"""Actions of members on tasks. Each change to a task is one compare-and-set and one event."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from dashboard import notify
from dashboard.accounts.models import User
from dashboard.database import write_transaction
from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.tasks import answer_fields, states, stored_texts, writes
from dashboard.tasks.models import Task, TaskEvent, TaskQuerySet
from dashboard.upstream.client import Reply

REFRESH_EVERY = timedelta(seconds=5)
RETENTION = timedelta(days=7)  # of removed tasks
MOST_CONFLICTS = 3
BATCH_SIZE = 200  # tasks per transaction in a bulk action, so that other writers don't have to wait for long


def deadline_for(model: str) -> timedelta:
    return timedelta(seconds=settings.POLL_DEADLINES.get(model, settings.POLL_DEADLINE))


def track(
    owner: User, key: ApiKey, upstream_id: str, reply: Reply | None = None, *, retry: bool = True
) -> tuple[Task, bool]:
    """Returns the owner's task with that ID, and whether it is new.

    A new task takes its state from `reply`. Without a reply its state is not known yet, and it is polled at once.
    """
    now = timezone.now()
    task = Task(owner=owner, key=key, upstream_id=upstream_id, created_at=now)
    task.next_poll_at, task.deadline_at = now, now + deadline_for("")
    if reply is None:
        task.condition, task.condition_since = states.CHECKING, now
    try:
        with write_transaction():
            writes.insert_task(task)
            if reply is not None:
                _apply_first_reply(task, reply)
            notify.wake_poller()
    except IntegrityError:
        known = Task.objects.without_texts().owned_by(owner).filter(upstream_id=upstream_id).first()
        if known is None and retry:  # deleted between the two
            return track(owner, key, upstream_id, reply, retry=False)
        if known is None:
            raise
        return known, False
    return task, True


def _apply_first_reply(task: Task, reply: Reply) -> None:
    now = timezone.now()
    change = answer_fields.apply_reply(task, reply, now)
    has_ended = change.fields.get("status") in states.TERMINAL
    next_poll_at = None if has_ended else now + timedelta(seconds=settings.POLL_FIRST)
    change.fields |= {"polled_at": now, "next_poll_at": next_poll_at, "polls": 1}
    change.announce(TaskEvent.Kind.DETAIL)
    writes.apply_change(task, change)


def change_key(task: Task, key: ApiKey) -> bool:
    """Continues to poll an active task with another key."""
    now = timezone.now()
    with write_transaction():
        notify.wake_poller()
        return writes.update_task(
            task,
            TaskEvent.Kind.CONDITION,
            detail=stored_texts.NEW_KEY % {"key": key.label},
            key=key,
            condition=states.FINE,
            condition_since=None,
            refusals=0,
            failures=0,
            next_poll_at=now,
            deadline_at=now + deadline_for(task.model),
            lease_until=None,
            lease_token=None,  # discards the result of a poll that is under way with the old key
        )


def refresh(task: Task) -> bool:
    """Polls the task now, even a finished one. Returns False if it was refreshed less than 5 s ago or has no ID or
    usable key."""
    now = timezone.now()
    if not task.upstream_id or task.key is None or not usage.is_usable(task.key):
        return False
    rested = Task.objects.filter(pk=task.pk).exclude(refreshed_at__gt=now - REFRESH_EVERY)
    with write_transaction():
        notify.wake_poller()
        return bool(writes.set_fields(rested, refreshed_at=now, next_poll_at=now))


def label(tasks: Iterable[Task], text: str) -> int:
    """Labels the tasks. Returns how many changed."""
    changed = 0
    for batch in _batches(tasks):
        with write_transaction():
            for task in batch:
                changed += task.label != text and _relabel(task, text)
    return changed


def _relabel(task: Task, text: str) -> bool:
    # The poller may have changed the task since it was read; the label doesn't depend on that.
    return writes.update_with_retry(task, TaskEvent.Kind.LABEL, {"label": text}, detail=text)


def set_tags(task: Task, names: Sequence[str]) -> bool:
    with write_transaction():
        return writes.set_tags(task, names)


def add_tag(tasks: Iterable[Task], name: str) -> list[UUID]:
    """Adds the tag to the tasks that lack it and have room for it. Returns their IDs."""
    return _change_tag(writes.add_tag, tasks, name)


def remove_tag(tasks: Iterable[Task], name: str) -> list[UUID]:
    """Removes the tag from the tasks that have it. Returns their IDs."""
    return _change_tag(writes.remove_tag, tasks, name)


def _change_tag(change: Callable[[TaskQuerySet, str], list[UUID]], tasks: Iterable[Task], name: str) -> list[UUID]:
    changed = []
    for batch in _batches(tasks):
        with write_transaction():
            changed += change(Task.objects.filter(pk__in=[task.pk for task in batch]), name)
    return changed


def remove(tasks: Iterable[Task]) -> tuple[int, datetime]:
    """Takes tasks off the board until they are restored or, after RETENTION, deleted. Removed tasks are neither polled
    nor shared.

    Returns how many were removed, and the time that they all have as `removed_at`.
    """
    now, removed = timezone.now(), 0
    for batch in _batches(tasks):
        with write_transaction():
            removed += writes.remove_tasks(Task.objects.filter(pk__in=[task.pk for task in batch]), now)
    return removed, now


def restore(tasks: Iterable[Task]) -> int:
    """Restores the removed ones among the tasks. Returns how many."""
    restored = 0
    for batch in _batches(tasks):
        with write_transaction():
            notify.wake_poller()
            found = Task.objects.filter(pk__in=[task.pk for task in batch])
            restored += writes.restore_tasks(found, timezone.now())
    return restored


def transfer(owner: User, to: User) -> int:
    """Transfers a member's tasks to another member. Returns how many.

    Removed tasks stay where they are, and so do tasks whose ID the other member tracks already.
    """
    transferred, conflicts = 0, 0
    while True:
        try:
            with write_transaction():
                count = writes.transfer_tasks(Task.objects.owned_by(owner).not_removed(), to)
        except IntegrityError:  # the other member has just tracked one of these IDs
            conflicts += 1
            if conflicts == MOST_CONFLICTS:
                raise
            continue
        if not count:
            return transferred
        transferred += count


def delete_expired(now: datetime) -> int:
    """Deletes tasks that were removed longer than RETENTION ago. Returns how many."""
    deleted = 0
    while expired := [*Task.objects.removed_before(now - RETENTION).for_acts()[:BATCH_SIZE]]:
        deleted += delete(expired)
    return deleted


def delete(tasks: Iterable[Task]) -> int:
    """Deletes the tasks and, soon after, the copies of their videos, but not the videos at the gateway.

    Returns how many tasks were deleted.
    """
    deleted = 0
    for batch in _batches(tasks):
        with write_transaction():
            deleted += writes.delete_tasks(Task.objects.filter(pk__in=[task.pk for task in batch]))
    return deleted


def _batches(tasks: Iterable[Task]) -> Iterable[list[Task]]:
    ordered = sorted(tasks, key=lambda task: task.pk)  # the order in which all code locks rows
    for start in range(0, len(ordered), BATCH_SIZE):
        yield ordered[start : start + BATCH_SIZE]
