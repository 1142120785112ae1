"""The only writer of tasks: updates of one or many, the results of a batch of polls, inserts and deletions.

Every change that a reader may notice is one transaction: compare-and-set, `version + 1`, and an event. If two writers
read the same version, one wins; the other's write changes no row, creates no event, and returns False.

Besides this module only `polling/leases.py` writes tasks, and only their lease and `next_poll_at`. A task's videos are
created here, with their URLs; details of their bytes are written where they are found out. Code that locks both locks
the task before its videos.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from dashboard import failpoints, notify
from dashboard.accounts.models import User
from dashboard.database import before_commit, write_transaction
from dashboard.tasks import archive_state, states
from dashboard.tasks.answer_fields import Change
from dashboard.tasks.models import Task, TaskEvent, TaskQuerySet, TaskTag, Video

# PostgreSQL assigns event IDs before the commit: without a lock, a lower ID could become visible after a higher one,
# and a reader that continues from the highest ID it saw would skip it forever.
EVENTS_LOCK = 7_301_114_001
BATCH_SIZE = 500  # tasks in one statement

NO_LEASE: Final[dict[str, None]] = {"lease_until": None, "lease_token": None}
# Fields that no row shows and no reader waits for. They may change without a new version and an event.
QUIET_FIELDS: Final = frozenset({
    *("raw", "raw_http_status", "raw_at"),
    *("refreshed_at", "next_poll_at", "lease_until", "lease_token"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """A task as it was claimed, including its lease token, and what its poll changes, given the current task."""

    task: Task
    decide: Callable[[Task], Change]


@dataclass(slots=True)
class WriteStats:
    """How many writes of a batch changed their task, left it unchanged, or came too late to count; and the earliest
    next poll of those written, None if there is none."""

    changed: int = 0
    unchanged: int = 0
    dropped: int = 0
    next_at: datetime | None = None

    def add(self, other: "WriteStats") -> None:
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.dropped += other.dropped
        self.note_next_poll(other.next_at)

    def note_next_poll(self, next_at: object) -> None:
        if isinstance(next_at, datetime):
            self.next_at = min(next_at, self.next_at or next_at)


def insert_task(task: Task, *, at: datetime | None = None, tags: Sequence[str] = ()) -> None:
    """Stores a new task, its tags and its first event, dated `at` (None: now). Raises IntegrityError."""
    created = event_of(task, TaskEvent.Kind.CREATED, at=at)
    with write_transaction():
        task.save(force_insert=True)
        TaskTag.objects.bulk_create([TaskTag(task=task, name=name) for name in tags])
        _store_videos([(task, ())])
        record_events([created])


def update_task(
    task: Task,
    kind: str,
    *,
    detail: str = "",
    lease: UUID | None = None,
    video_urls: Sequence[str] = (),
    **fields: object,
) -> bool:
    """Sets `fields`, and the URLs of its videos if there are any, provided that the row is still at the version that
    `task` was read at (and still leased by `lease`, if given).

    Returns True on success, and `task` then has the new values. Otherwise nothing is written.
    """
    with write_transaction():
        rows = Task.objects.at_version(task)
        if not _update_row(rows if lease is None else rows.leased(lease), task, fields):
            return False
        _store_videos([(task, video_urls)])
        record_events([event_of(task, kind, detail)])
    return True


def apply_change(task: Task, change: Change) -> bool:
    """Writes what an answer changes. Returns False if the task was changed in the meantime, or is gone."""
    fields: dict[str, Any] = change.fields
    with write_transaction():
        if not update_task(task, change.kind, detail=change.detail, video_urls=change.video_urls, **fields):
            return False
        if change.videos_are_gone:
            _mark_gone([task])
    return True


def update_with_retry(
    task: Task,
    kind: str,
    fields: Mapping[str, Any],
    *,
    detail: str = "",
    applies: Callable[[Task], bool] = lambda task: True,
) -> bool:
    """Sets `fields` even if the task changes in the meantime: after a conflict, reloads it and tries again.

    Returns False if the task is gone, or if `applies` no longer holds for it.
    """
    while not update_task(task, kind, detail=detail, **fields):
        try:
            task.refresh_from_db()
        except Task.DoesNotExist:
            return False
        if not applies(task):
            return False
    return True


def update_batch(tasks: TaskQuerySet, kind: str, fields: Mapping[str, object], *, detail: str = "") -> int:
    """Sets `fields` on up to BATCH_SIZE of the tasks, with an event for each; returns how many. Runs in the caller's
    transaction."""
    locked = Task.objects.lock_for_update([*tasks.values_list("pk", flat=True)[:BATCH_SIZE]])
    if not locked:
        return 0
    Task.objects.filter(pk__in=locked).update(version=F("version") + 1, **fields)
    for task in locked.values():
        _set_values(task, fields)
    record_events([event_of(task, kind, detail) for task in locked.values()])
    return len(locked)


def set_tags(task: Task, names: Sequence[str]) -> bool:
    """Replaces the task's tags with these. Runs in the caller's transaction.

    Returns False if the task has them already, or is gone.
    """
    locked = Task.objects.lock_for_update([task.pk])
    if task.pk not in locked:
        return False
    if {*TaskTag.objects.filter(task=task).values_list("name", flat=True)} == {*names}:
        return False
    TaskTag.objects.filter(task=task).exclude(name__in=names).delete()
    TaskTag.objects.bulk_create([TaskTag(task=task, name=name) for name in names], ignore_conflicts=True)
    _record_tags(locked.values(), ", ".join(names))
    return True


def add_tag(tasks: TaskQuerySet, name: str) -> list[UUID]:
    """Adds the tag to up to BATCH_SIZE of the tasks that lack it and have room for it; returns their IDs. Runs in the
    caller's transaction."""
    Task.objects.lock_for_update([*tasks.values_list("pk", flat=True)[:BATCH_SIZE]])
    wanted = tasks.to_be_tagged(name).values_list("pk", flat=True)[:BATCH_SIZE]
    locked = Task.objects.lock_for_update([*wanted])
    TaskTag.objects.bulk_create([TaskTag(task=task, name=name) for task in locked.values()])
    _record_tags(locked.values(), f"+ {name}")
    return [*locked]


def remove_tag(tasks: TaskQuerySet, name: str) -> list[UUID]:
    """Removes the tag, ignoring case, from up to BATCH_SIZE of the tasks that have it; returns their IDs. Runs in the
    caller's transaction."""
    wanted = tasks.filter(tags__name__iexact=name).values_list("pk", flat=True)[:BATCH_SIZE]
    locked = Task.objects.lock_for_update([*wanted])
    TaskTag.objects.filter(task__in=locked, name__iexact=name).delete()
    _record_tags(locked.values(), f"− {name}")
    return [*locked]


def _record_tags(tasks: Collection[Task], detail: str) -> None:
    if tasks:
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(version=F("version") + 1)
        for task in tasks:
            task.version += 1
        record_events([event_of(task, TaskEvent.Kind.TAGS, detail) for task in tasks])


def remove_tasks(tasks: TaskQuerySet, at: datetime) -> int:
    """Removes up to BATCH_SIZE of the tasks, and ends their leases. Runs in the caller's transaction."""
    fields = {"removed_at": at, "next_poll_at": None, **NO_LEASE}
    return update_batch(tasks.not_removed(), TaskEvent.Kind.REMOVED, fields)


def restore_tasks(tasks: TaskQuerySet, now: datetime) -> int:
    """Restores up to BATCH_SIZE of the tasks; active ones are polled again, from `now` on. Runs in the caller's
    transaction."""
    removed = [*tasks.removed().values_list("pk", flat=True)[:BATCH_SIZE]]
    polled = Task.objects.filter(pk__in=removed).active().submitted()
    restored = update_batch(polled, TaskEvent.Kind.RESTORED, {"removed_at": None, "next_poll_at": now})
    others = Task.objects.filter(pk__in=removed).removed()
    return restored + update_batch(others, TaskEvent.Kind.RESTORED, {"removed_at": None})


def transfer_tasks(tasks: TaskQuerySet, owner: User) -> int:
    """Makes `owner` the owner of up to BATCH_SIZE of the tasks. Runs in the caller's transaction.

    Leaves out tasks that already belong to `owner`, and those whose ID `owner` tracks already. Raises IntegrityError if
    one of these IDs was tracked in the meantime.
    """
    tracked = Task.objects.filter(owner=owner).exclude(upstream_id="").values("upstream_id")
    wanted = tasks.exclude(owner=owner).exclude(upstream_id__in=tracked)
    return update_batch(wanted, TaskEvent.Kind.OWNER, {"owner_id": owner.pk}, detail=owner.name)


def delete_tasks(tasks: TaskQuerySet) -> int:
    """Deletes the tasks, with an event for each; returns how many. Runs in the caller's transaction."""
    locked = list(tasks.for_acts().order_by("pk").select_for_update())
    for task in locked:
        task.version += 1
    Task.objects.filter(pk__in=[task.pk for task in locked]).only("pk").delete()
    if locked:
        record_events([event_of(task, TaskEvent.Kind.DELETED) for task in locked])
    return len(locked)


def set_fields(rows: TaskQuerySet, **fields: object) -> int:
    """Sets QUIET_FIELDS on the matching rows, without a new version or an event. Runs in the caller's transaction.

    The query is the condition of the compare-and-set. Returns how many rows matched. Raises ValueError for any other
    field.
    """
    if not fields.keys() <= QUIET_FIELDS:
        raise ValueError(f"Needs an event: {', '.join(sorted(fields.keys() - QUIET_FIELDS))}.")
    return rows.update(**fields)


def set_next_polls(tasks: Sequence[Task]) -> None:
    """Stores each task's own `next_poll_at`. Runs in the caller's transaction."""
    Task.objects.bulk_update(tasks, ["next_poll_at"], batch_size=200)


def write_polls(pending: Sequence[PendingWrite]) -> WriteStats:
    """Writes the results of polls: a prepared statement for the tasks that didn't change, a compare-and-set with an
    event for each one that did. A write only counts while its own claim holds the task.

    Writes all or nothing. Database errors propagate.
    """
    stats = WriteStats()
    with write_transaction():
        unchanged: list[tuple[Task, Change]] = []
        changed: list[PendingWrite] = []
        for write in pending:
            change = write.decide(write.task)
            if change.kind:
                changed.append(write)
            else:
                unchanged.append((write.task, change))
        unchanged += _write_changed(changed, stats)
        _write_unchanged(unchanged, stats)
    return stats


def event_of(task: Task, kind: str, detail: str = "", *, at: datetime | None = None) -> TaskEvent:
    return TaskEvent(
        task_id=task.pk,
        owner_id=task.owner_id,
        version=task.version,
        kind=kind,
        status=task.status,
        condition=task.condition,
        detail=detail[:300],
        at=at or timezone.now(),
    )


def record_events(events: list[TaskEvent]) -> None:
    """Stores events at the end of the caller's transaction, and notifies readers once it has committed.

    At the end, because a writer that waits for a row's lock while it holds the events lock would deadlock with one that
    holds the row and waits for the events lock.
    """
    before_commit(partial(_store_events, events))


def _store_events(events: list[TaskEvent]) -> None:
    failpoints.hit("inside_commit")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EVENTS_LOCK])
    TaskEvent.objects.bulk_create(events)
    notify.tasks_changed()


def _update_row(row: TaskQuerySet, task: Task, fields: Mapping[str, object], **expressions: object) -> bool:
    """The compare-and-set: `row` selects the task's row under its conditions. On success `task` has the new values."""
    if row.update(version=F("version") + 1, **expressions, **fields) != 1:
        return False
    _set_values(task, fields)
    return True


def _set_values(task: Task, fields: Mapping[str, object]) -> None:
    for name, value in fields.items():
        setattr(task, name, value)
    task.version += 1


def _write_changed(changed: Sequence[PendingWrite], stats: WriteStats) -> list[tuple[Task, Change]]:
    """Decides again, on the rows as they are now. Returns those that turn out to be unchanged."""
    unchanged, events = list[tuple[Task, Change]](), list[TaskEvent]()
    written, gone = list[tuple[Task, Sequence[str]]](), list[Task]()
    locked = Task.objects.lock_for_update([write.task.pk for write in changed]) if changed else {}
    for write in changed:
        task = locked.get(write.task.pk)
        if task is None or task.lease_token != write.task.lease_token:  # guard: lease-token-fences-change
            stats.dropped += 1
            continue
        change = write.decide(task)
        if not change.kind:
            unchanged.append((task, change))
        elif event := _write_one(task, change):
            events.append(event)
            written.append((task, change.video_urls))
            gone += [task] if change.videos_are_gone else []
            stats.changed += 1
            stats.note_next_poll(change.fields.get("next_poll_at"))
        else:
            stats.dropped += 1
    if events:
        _store_videos(written)
        _mark_gone(gone)
        record_events(events)
    return unchanged


def _store_videos(written: Sequence[tuple[Task, Sequence[str]]]) -> None:
    """Creates missing videos, and sets the given URLs. The tasks' rows must be locked."""
    given, missing = list[Video](), list[Video]()
    for task, urls in written:
        if urls or task.status == states.COMPLETED:
            videos = [_video_of(task, position, url) for position, url in enumerate(urls or ("",), start=1)]
            (given if urls else missing).extend(videos)
            _forget_videos(task)
    if given:
        Video.objects.bulk_create(
            given, update_conflicts=True, unique_fields=["task", "position"], update_fields=["url"]
        )
    if missing:
        Video.objects.bulk_create(missing, ignore_conflicts=True)


def _mark_gone(tasks: Sequence[Task]) -> None:
    """Marks the videos without a copy as gone, because the gateway has deleted them. Copies stay."""
    if tasks:
        lost = Video.objects.filter(task__in=tasks, kept_at=None)
        lost.update(copy_state=archive_state.GONE, next_try_at=None)
    for task in tasks:
        _forget_videos(task)


def _video_of(task: Task, position: int, url: str) -> Video:
    video = Video(task=task, position=position, url=url)
    if position == 1:
        video.pk = task.pk
    return video


def _forget_videos(task: Task) -> None:
    """Drops the prefetched videos, so that `task.videos` is read again."""
    getattr(task, "_prefetched_objects_cache", {}).pop("videos", None)


def _write_one(task: Task, change: Change) -> TaskEvent | None:
    row = Task.objects.at_version(task).leased(task.lease_token) if task.lease_token else Task.objects.none()
    if not _update_row(row, task, {**change.fields, **NO_LEASE}, polls=F("polls") + 1):
        return None
    return event_of(task, change.kind, change.detail)


def _write_unchanged(unchanged: Iterable[tuple[Task, Change]], stats: WriteStats) -> None:
    groups: dict[tuple[str, ...], list[tuple[Task, Change]]] = defaultdict(list)
    for task, change in unchanged:
        groups[tuple(sorted(change.fields))].append((task, change))
        stats.note_next_poll(change.fields.get("next_poll_at"))
    for names, group in groups.items():
        # Always in the same order, so that two pollers on PostgreSQL don't deadlock.
        group.sort(key=lambda pair: pair[0].pk)
        rows = [([change.fields[name] for name in names], task.pk, task.lease_token) for task, change in group]
        written = _update_each(names, rows)
        stats.unchanged += written
        stats.dropped += len(group) - written


def _update_each(names: Sequence[str], rows: Sequence[tuple[Sequence[object], UUID, UUID | None]]) -> int:
    """Runs one prepared statement for each row, at a tenth of the cost of one UPDATE with a CASE over all rows."""
    quote, table = connection.ops.quote_name, connection.ops.quote_name(Task._meta.db_table)
    assigned = "".join(f"{quote(_column(name))} = %s, " for name in names)
    sql = (
        f"UPDATE {table} SET {assigned}polls = polls + 1, lease_until = NULL, lease_token = NULL "  # noqa: S608  # names of columns
        "WHERE id = %s AND lease_token = %s"  # guard: lease-token-fences-unchanged-task
    )
    columns = [*names, "id", "lease_token"]
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_prepared_values(columns, [*values, pk, token]) for values, pk, token in rows])
        return int(cursor.rowcount)


def _column(name: str) -> str:
    column = Task._meta.get_field(name).column  # type: ignore[union-attr]  # these are all columns
    assert column is not None
    return column


def _prepared_values(columns: Sequence[str], values: Sequence[object]) -> list[Any]:
    """Converts values to the types that this database's driver takes."""
    fields = (Task._meta.get_field(name) for name in columns)
    return [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]  # these are all columns
        for field, value in zip(fields, values, strict=True)
    ]
