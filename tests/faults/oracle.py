"""Checks what must hold after any number of kills. Reads only the database and the gateway's own records."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from django.db import connection

from dashboard.demo.dialects import Json
from dashboard.tasks import states
from dashboard.tasks.models import Task, TaskEvent
from tests.support.gateway import Gateway

ALL = 1_000_000  # events
SOONEST = 0.85  # of an interval: jitter shortens it by a tenth, and the clocks of two processes differ by some ms


@dataclass(slots=True)
class Findings:
    """What is wrong, in words, and how much was checked."""

    wrong: list[str] = field(default_factory=list)
    tasks: int = 0
    events: int = 0
    polls: int = 0
    creates: int = 0

    def __iadd__(self, other: "Findings") -> "Findings":
        self.wrong += other.wrong
        self.tasks += other.tasks
        self.events += other.events
        self.polls += other.polls
        self.creates += other.creates
        return self


def examine(gateway: Gateway, log: list[Json], since: int, every: float) -> Findings:
    """Called after all tasks have ended.

    `log`: the gateway's entries; `since`: the last event before the tasks; `every`: seconds between two polls.
    """
    truth = gateway.tasks()
    polls = [entry for entry in log if entry["call"] == "status"]
    found = Findings(tasks=len(truth), polls=len(polls), creates=sum(entry["call"] == "create" for entry in log))
    rows = {task.upstream_id: task for task in Task.objects.submitted()}
    events = _events(since)
    found.events = sum(map(len, events.values()))
    for part in (
        _lost(truth, rows),
        _wrong_ends(truth, rows, events),
        _histories(events),
        _doubled_creations(truth),
        _crowded(polls, every),
        _broken_database(),
    ):
        found.wrong += part
    return found


def _events(since: int) -> dict[object, list[TaskEvent]]:
    told: dict[object, list[TaskEvent]] = defaultdict(list)
    for event in TaskEvent.objects.read_after(since, ALL):
        told[event.task_id].append(event)
    return told


def _lost(truth: Iterable[Json], rows: dict[str, Task]) -> Iterator[str]:
    """Every task of the gateway has a row; if its submission was interrupted, a row asks its owner to check."""
    uncertain = {task.prompt for task in Task.objects.filter(condition=states.UNCONFIRMED)}
    for told in truth:
        if told["id"] not in rows and told["prompt"] not in uncertain:
            yield f"lost: {told['id']} ({told['prompt']})"
    for task in Task.objects.filter(condition=states.SUBMITTING):
        yield f"never called unclear: {task.pk}"


def _wrong_ends(truth: Iterable[Json], rows: dict[str, Task], events: dict[object, list[TaskEvent]]) -> Iterator[str]:
    for told in truth:
        task = rows.get(str(told["id"]))
        if task is None:
            continue
        if (task.status, task.condition) != (told["status"], ""):
            yield f"wrong: {told['id']} is {told['status']} and shown as {task.status} {task.condition}"
        if task.next_poll_at or task.lease_token or task.lease_until:
            yield f"still claimed or due: {told['id']}"
        if task.version != len(events[task.pk]):
            yield f"{told['id']} is at version {task.version} after {len(events[task.pk])} events"


def _histories(events: dict[object, list[TaskEvent]]) -> Iterator[str]:
    """One event for each version, in order; only allowed transitions, so at most one end."""
    for task_id, told in events.items():
        if [event.version for event in told] != [*range(1, len(told) + 1)]:
            yield f"versions of {task_id}: {[event.version for event in told]}"
        for before, after in pairwise(told):
            if before.status != after.status and not states.may_move(before.status, after.status):
                yield f"{task_id} went from {before.status} to {after.status}"


def _doubled_creations(truth: Iterable[Json]) -> Iterator[str]:
    submissions: dict[str, int] = defaultdict(int)
    for told in truth:
        submissions[str(told["prompt"])] += 1
    for prompt, number in submissions.items():
        if prompt.startswith("Order") and number > 1:
            yield f"started {number} times: {prompt}"


def _crowded(polls: Iterable[Json], every: float) -> Iterator[str]:
    """No poll of a task while another is being answered, and none much sooner than an interval later.

    One poll may try two paths.
    """
    last: dict[tuple[object, object], Json] = {}
    for entry in polls:
        which = (entry["task"], entry["path"])
        before = last.get(which)
        last[which] = entry
        if before is None:
            continue
        began, earlier = float(str(entry["begun"])), float(str(before["begun"]))
        if before["ended"] is not None and began < float(str(before["ended"])):
            yield f"two polls of {entry['task']} at once"
        elif began - earlier < SOONEST * every:
            yield f"{entry['task']} was asked for twice within {began - earlier:.2f} s"


def _broken_database() -> Iterator[str]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        for (line,) in cursor.fetchall():
            if line != "ok":
                yield f"database: {line}"
