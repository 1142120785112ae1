"""A task's own page as values: facts with units, the time line, the raw answer."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from dashboard.tasks import archive_state, rows, states
from dashboard.tasks.models import RAW_LIMIT, Task, TaskEvent, Video
from dashboard.templatetags.display import utc
from dashboard.upstream import answers, created_tasks, json_objects

SOON = timedelta(seconds=60)  # until the next check: a time that is nearer is past before it is read
MOST_POSSIBLE_IDS = 5
MOST_INDENTED = 4 * RAW_LIMIT  # characters


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    title: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    title: str
    detail: str
    kind: str


def facts(task: Task, video: Video) -> list[Fact]:
    """What is known of the task and of that video of it, in a fixed order; what is unknown is left out."""
    # What the gateway says of "the" video is about the first one.
    is_first = video.position == 1
    size = f"{task.width} × {task.height} px" if is_first and task.width and task.height else ""
    known = [
        Fact("Task id", task.upstream_id, is_code=True),
        Fact("Model", task.model),
        Fact("Size", size),
        Fact("Length", f"{task.duration:g} s" if is_first and task.duration else ""),
        Fact("Frame rate", f"{task.fps} fps" if is_first and task.fps else ""),
        Fact("Seed", str(task.seed) if task.seed else "", is_code=True),
        Fact("Format", task.format),
        Fact("File size", filesizeformat(video.size_bytes) if video.size_bytes else "", f"{video.size_bytes} bytes"),
        *(Fact(f"Usage: {name}", f"{amount:,}") for name, amount in (task.usage or {}).items()),
        Fact("Kept here", _saved_copy(video) if task.status == states.COMPLETED else ""),
        Fact("Key", str(task.key) if task.key else "None"),
        Fact("Owner", task.owner.name),
        # While it is being asked for, a number would be wrong a few seconds after the page was made.
        Fact("Asked", _count_of_times(task.polls) if task.is_terminal else ""),
    ]
    return [fact for fact in known if fact.value]


def _count_of_times(count: int) -> str:
    return {0: "", 1: "once"}.get(count, f"{count} times")


def _saved_copy(video: Video) -> str:
    if video.kept_at:
        return f"Since {utc(video.kept_at)}"
    if not settings.ARCHIVE:
        return "No, keeping copies is turned off here"
    return archive_state.WORDS.get(video.copy_state, "")


def timeline(task: Task) -> list[TimelineEntry]:
    """Oldest first. Progress is left out: it would drown the rest."""
    events = TaskEvent.objects.of_task(task.pk).exclude(kind=TaskEvent.Kind.PROGRESS)
    return [TimelineEntry(event.at, _entry_title(event, task), event.detail, event.kind) for event in events]


def condition_detail(task: Task) -> str:
    """What the gateway said when it stopped telling the state, or of a task that may have been started."""
    if task.condition == states.UNCONFIRMED:
        return answers.message_in(json_objects.in_text(task.raw) or task.raw)
    if task.condition != states.SILENT:
        return ""
    events = TaskEvent.objects.of_task(task.pk).filter(kind=TaskEvent.Kind.CONDITION, condition=states.SILENT)
    return next(iter(events.order_by("-version").values_list("detail", flat=True)[:1]), "")


def possible_ids(task: Task) -> list[str]:
    """IDs in the answer to a request that may have started something."""
    if task.condition != states.UNCONFIRMED:
        return []
    return created_tasks.ids_within(json_objects.in_text(task.raw))[:MOST_POSSIBLE_IDS]


def _entry_title(event: TaskEvent, task: Task) -> str:
    if event.kind == TaskEvent.Kind.CREATED:
        return "Started here" if task.origin == Task.Origin.CREATED else "Tracking began"
    if event.kind == TaskEvent.Kind.STATUS:
        return rows.STATUS_WORDS[event.status]
    if event.kind == TaskEvent.Kind.CONDITION:
        return rows.CONDITION_WORDS.get(event.condition, "All well again")
    if event.kind == TaskEvent.Kind.COPY:
        return "Our copy"
    if event.kind == TaskEvent.Kind.LABEL:
        return "Label changed" if event.detail else "Label removed"
    return "Details changed"


def formatted_raw(task: Task) -> str:
    """The gateway's answer, indented where it is JSON, else as it came."""
    indented, size = [], 0
    try:
        for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(json.loads(task.raw)):
            indented.append(piece)
            size += len(piece)
            if size > MOST_INDENTED:  # deep nesting makes 50 MB of spaces from 60 kB
                return task.raw
    except (ValueError, RecursionError):
        return task.raw
    return "".join(indented)


def polling_line(task: Task) -> str:
    """One sentence on what happens next."""
    if task.is_terminal:
        return "The gateway has finished with this task."
    if not task.upstream_id:
        return ""
    if task.next_poll_at is None:
        return "Nobody asks for this task at the moment."
    if task.key is not None and task.key.is_rate_limited:
        return f"The gateway slowed this key down. Next check at {utc(task.next_poll_at)}."
    if task.next_poll_at - timezone.now() > SOON:
        return f"Next check at {utc(task.next_poll_at)}."
    return "Checked every few seconds."
