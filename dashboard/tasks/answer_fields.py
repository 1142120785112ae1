"""What an answer of the gateway changes about a task. Pure: takes a task and an answer, returns the fields to write.

Only the four known statuses change a task's status, as the table in `states` allows. Values that an answer leaves out
stay as they are. A terminal status never changes: a later answer may only update the details of the video.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dashboard.tasks import states
from dashboard.tasks.models import RAW_LIMIT, Task, TaskEvent
from dashboard.upstream.answers import Answer
from dashboard.upstream.client import Reply
from dashboard.upstream.errors import RawAnswer

Kind = TaskEvent.Kind
DETAIL_FIELDS: Final = ("format", "duration", "fps", "width", "height", "seed", "usage")


@dataclass(slots=True)
class Change:
    """Fields to write, the URLs of the task's videos if they change, and whether the gateway has deleted the videos.

    `kind` is the kind of the event; if it is empty, no event is needed.
    """

    fields: dict[str, object] = field(default_factory=dict)
    video_urls: list[str] = field(default_factory=list)
    videos_are_gone: bool = False
    kind: str = ""
    detail: str = ""

    def announce(self, kind: str, detail: str = "") -> None:
        """Sets the event unless it is set already: status wins over condition, progress and details, in this order."""
        if not self.kind:
            self.kind, self.detail = kind, detail


def raw_fields(raw: RawAnswer) -> dict[str, object]:
    """Returns the fields that store the raw answer."""
    return {"raw": raw.body[:RAW_LIMIT], "raw_http_status": raw.status, "raw_at": raw.at}


def apply_reply(task: Task, reply: Reply, now: datetime) -> Change:
    """Like `apply_answer`, but also sets the gateway API that the task belongs to."""
    change = apply_answer(task, reply.answer, reply.raw, now)
    _set(change, task, "api", reply.api)
    return change


def apply_answer(task: Task, answer: Answer, raw: RawAnswer, now: datetime) -> Change:
    change = Change()
    if task.is_terminal:  # guard: answer-leaves-terminal-status
        if answer.status == task.status:
            _apply_details(change, task, answer)
    else:
        _apply_status(change, task, answer, now)
        _apply_progress(change, task, answer)
        if answer.status is not None:
            _apply_details(change, task, answer)
        _set(change, task, "raw_status", answer.raw_status[:64])
    if task.status == states.COMPLETED and answer.is_gone:
        change.videos_are_gone = any(not video.is_gone and video.kept_at is None for video in task.videos.all())
    if change.fields or change.video_urls or change.videos_are_gone:
        change.announce(Kind.DETAIL)
        change.fields |= raw_fields(raw)
    return change


def set_condition(change: Change, task: Task, condition: str, now: datetime, detail: str = "") -> None:
    """Changes the condition; `detail` explains it in the gateway's own words."""
    if task.condition != condition:
        change.fields |= {"condition": condition, "condition_since": now if condition else None}
        change.announce(Kind.CONDITION, detail)


def _apply_status(change: Change, task: Task, answer: Answer, now: datetime) -> None:
    new = answer.status
    if new is None or not states.may_move(task.status, new):
        return
    change.fields["status"] = new
    if task.started_at is None:
        reported = _plausible_time(answer.started_at, task, now)
        started = (reported or now) if new == states.IN_PROGRESS else reported
        if started:
            change.fields["started_at"] = started
    if new in states.TERMINAL:
        change.fields["finished_at"] = _plausible_time(answer.finished_at, task, now) or now
        # For a completed task these say why there is no video.
        change.fields |= {"error_code": answer.error_code[:100], "error_message": answer.error_message}
    change.announce(Kind.STATUS, answer.error_message if new in states.TERMINAL else "")


def _plausible_time(reported: datetime | None, task: Task, now: datetime) -> datetime | None:
    """Returns the reported time, or None if it is before the task's creation or in the future."""
    return reported if reported is not None and task.created_at <= reported <= now else None


def _apply_progress(change: Change, task: Task, answer: Answer) -> None:
    if answer.progress is not None and answer.progress != task.progress:
        change.fields["progress"] = answer.progress
        change.announce(Kind.PROGRESS)


def _apply_details(change: Change, task: Task, answer: Answer) -> None:
    if answer.video_urls and [*answer.video_urls] != task.video_urls()[: len(answer.video_urls)]:
        change.video_urls = [*answer.video_urls]
    for name in DETAIL_FIELDS:
        if getattr(answer, name) not in (None, "", {}):
            _set(change, task, name, getattr(answer, name))


def _set(change: Change, task: Task, name: str, value: object) -> None:
    if getattr(task, name) != value:
        change.fields[name] = value
