"""Reads changes from the database for the live stream, as queued events. Runs in the live stream's own threads.

`database_sync_to_async` has a single thread for the whole process, so it would wait for every synchronous view.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from django.utils import timezone, translation

from dashboard.live import sse
from dashboard.live.mailbox import QueuedEvent
from dashboard.live.registry import Audience
from dashboard.live.viewers import StreamViewer
from dashboard.tasks.models import Task, TaskEvent
from dashboard.tasks.row_html import row_html
from dashboard.tasks.rows import row
from dashboard.tasks.visibility import can_edit, can_see, can_see_all, is_shared_by_team

PAGE = 1_000  # events read at a time
MOST_REPLAYED = 500  # tasks; for more than this, the browser fetches its table again
MOST_PASSED_OVER = 20_000  # events that a replay reads, including those of other members
FRESH = timedelta(hours=12)  # maximum age of a cursor; events are pruned after a day
RECOUNTED = frozenset({
    *(TaskEvent.Kind.CREATED, TaskEvent.Kind.STATUS),
    *(TaskEvent.Kind.REMOVED, TaskEvent.Kind.RESTORED, TaskEvent.Kind.DELETED, TaskEvent.Kind.OWNER),
})  # fmt: skip

P = ParamSpec("P")
T = TypeVar("T")


class RowChange(NamedTuple):
    """The newest state of a task, by language. `for_others` is the row for viewers who may not change the task."""

    owner_id: int
    cursor: int
    key: str
    for_editors: Mapping[str, QueuedEvent]
    for_others: Mapping[str, QueuedEvent]


class Page(NamedTuple):
    """The changes after a cursor, in the order of their events' cursors."""

    changes: list[RowChange]
    cursor: int
    is_last: bool
    recount: frozenset[int]  # the owners whose counts may have changed
    changed: dict[str, int]  # every changed task, whoever may see it, with its last cursor


class TaskChange(NamedTuple):
    cursor: int
    task_id: UUID
    owner_id: int
    kind: str
    at: datetime


def page_after(cursor: int, audience: Audience) -> Page:
    """Returns up to PAGE events after `cursor`, as rows for `audience`. Runs at most four queries."""
    events = [TaskChange(*fields) for fields in TaskEvent.objects.read_after(cursor, PAGE).values_list(*_FIELDS)]
    return Page(
        changes=_changes((event for event in events if audience.includes(event.owner_id)), audience.languages),
        cursor=events[-1].cursor if events else cursor,
        is_last=len(events) < PAGE,
        recount=frozenset(event.owner_id for event in events if event.kind in RECOUNTED),
        changed={str(event.task_id): event.cursor for event in events},
    )


_FIELDS = ("pk", "task_id", "owner_id", "kind", "at")


def last_cursor() -> int:
    return TaskEvent.objects.last_cursor()


def replay(viewer: StreamViewer, since: int, now: int) -> list[QueuedEvent] | None:
    """Returns the changes after `since` that `viewer` may see, or None if the browser must fetch its table again.

    The event at `since` must exist and be recent. It doesn't exist if the cursor is made up, comes from another
    database, or is older than the first event. If it is old, events after it may have been pruned.
    """
    if now - since > MOST_PASSED_OVER:
        return None
    found = TaskEvent.objects.resume(viewer, since).values_list(*_FIELDS)[: 4 * MOST_REPLAYED + 1]
    events = [TaskChange(*fields) for fields in found]
    if not events or events[0].cursor != since:  # guard: pruned-cursor-is-refused
        return None
    if events[0].at < timezone.now() - FRESH:
        return None
    events = [event for event in events if event.cursor > since]
    if len(events) > 4 * MOST_REPLAYED or len({event.task_id for event in events}) > MOST_REPLAYED:
        return None
    return [_event_now(viewer, change) for change in _changes(events, {viewer.language})]


def _event_now(viewer: StreamViewer, change: RowChange) -> QueuedEvent:
    """Returns the event for the viewer.

    If the task's owner has changed and the viewer may no longer see it, this is a `gone` event.
    """
    if can_see(viewer, change.owner_id):
        return event_for(viewer, change)
    return _gone(change.cursor, change.key)


def event_for(viewer: StreamViewer, change: RowChange) -> QueuedEvent:
    events = change.for_editors
    if change.for_others is not events and not can_edit(viewer, change.owner_id):
        events = change.for_others
    return events[viewer.language]


def _changes(events: Iterable[TaskChange], languages: Collection[str]) -> list[RowChange]:
    newest = {event.task_id: event for event in events}
    if not newest:
        return []
    tasks = Task.objects.not_removed().for_rows().in_bulk(list(newest))
    ordered = sorted(newest.values(), key=lambda event: event.cursor)
    # One language after the other: switching takes about as long as reading a row.
    rendered = {language: _rendered(ordered, tasks, language) for language in languages}
    return [_change(event, tasks.get(event.task_id), rendered) for event in ordered]


def _rendered(
    events: Iterable[TaskChange], tasks: Mapping[UUID, Task], language: str
) -> dict[int, tuple[QueuedEvent, QueuedEvent]]:
    """Returns the rows for editors and for others, by the cursors of their events."""
    with translation.override(language), timezone.override(UTC):  # a stream's rows are the same for all time zones
        return {event.cursor: _row_events(event, tasks[event.task_id]) for event in events if event.task_id in tasks}


def _row_events(event: TaskChange, task: Task) -> tuple[QueuedEvent, QueuedEvent]:
    mine = _row_event(event, task, may_change=True)
    # Viewers only see tasks that they may not change if tasks are visible to the whole team.
    return mine, _row_event(event, task, may_change=False) if is_shared_by_team() else mine


def _change(
    event: TaskChange, task: Task | None, rendered: Mapping[str, Mapping[int, tuple[QueuedEvent, QueuedEvent]]]
) -> RowChange:
    cursor, key = event.cursor, str(event.task_id)
    if task is None:
        gone = dict.fromkeys(rendered, _gone(cursor, key))
        return RowChange(event.owner_id, cursor, key, gone, gone)
    mine = {language: rows[cursor][0] for language, rows in rendered.items()}
    others = {language: rows[cursor][1] for language, rows in rendered.items()} if is_shared_by_team() else mine
    return RowChange(task.owner_id, cursor, key, mine, others)


def changed(cursor: int) -> QueuedEvent:
    """Returns the event for viewers of a share link. Their page then requests what it may show."""
    return QueuedEvent(cursor, "changed", sse.frame("changed", "{}", cursor))


def _gone(cursor: int, task_id: str) -> QueuedEvent:
    return QueuedEvent(cursor, task_id, sse.frame("gone", task_id, cursor))


def _row_event(event: TaskChange, task: Task, *, may_change: bool) -> QueuedEvent:
    html = row_html(row(task, may_change=may_change))
    return QueuedEvent(event.cursor, str(event.task_id), sse.frame("task", html, event.cursor))


def counts(viewers: Collection[StreamViewer]) -> dict[StreamViewer, str]:
    """Returns each viewer's numbers for the filter chips, as the data of a `counts` frame. Runs at most two queries."""
    mine = Task.objects.not_removed().counts_by_owner({viewer.pk for viewer in viewers})
    everybodys = Task.objects.not_removed().counts() if any(can_see_all(viewer) for viewer in viewers) else None
    return {
        viewer: json.dumps({"me": mine[viewer.pk], "all": everybodys if can_see_all(viewer) else None})
        for viewer in viewers
    }
