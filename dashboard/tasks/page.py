"""The contents of a task's page as values: facts with units, the timeline, the raw answer."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext

from dashboard.tasks import archive_state, row_words, rows, states
from dashboard.tasks.media_info import MediaInfo
from dashboard.tasks.models import RAW_LIMIT, Task, TaskEvent, Video
from dashboard.tasks.reference_media import SLOTS
from dashboard.tasks.stored_texts import translated
from dashboard.templatetags.display import date_time, number
from dashboard.upstream import answers, created_tasks, json_objects

SOON = timedelta(seconds=60)  # until the next check: an earlier time would have passed by the time it is read
MOST_POSSIBLE_IDS = 5
MOST_INDENTED = 4 * RAW_LIMIT  # characters
BACK_TO_NORMAL = gettext_noop("Back to normal")
NOT_IN_TIMELINE = (TaskEvent.Kind.PROGRESS, TaskEvent.Kind.PICTURES)
IN_MEMBERS_WORDS = {TaskEvent.Kind.LABEL, TaskEvent.Kind.TAGS, TaskEvent.Kind.OWNER}  # what their details contain


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    title: str = ""
    is_code: bool = False
    is_detail: bool = False  # folded: one looks it up, but doesn't look at it


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    title: str
    detail: str
    kind: str


def facts(task: Task, video: Video) -> list[Fact]:
    """Returns what is known about the task and this video of it, in a fixed order. Unknown facts are left out."""
    # The gateway's details are about the first video.
    is_first = video.position == 1
    media = video.media_info
    width, height = rows.frame_size(task, video)
    duration = rows.duration_of(task, video)
    fps = media.fps or (task.fps if is_first else None)
    known = [
        Fact(gettext("Task ID"), task.upstream_id, is_code=True),
        Fact(gettext("Model"), task.model),
        Fact(gettext("Size"), _size(width, height) if width and height else ""),
        Fact(gettext("Length"), row_words.length(duration) if duration else ""),
        Fact(gettext("File size"), filesizeformat(video.size_bytes) if video.size_bytes else "", _bytes(video)),
        Fact(gettext("Saved copy"), _saved_copy(video) if task.status == states.COMPLETED else ""),
        Fact(gettext("Owner"), task.owner.name),
        *_references(task),
        Fact(gettext("Frame rate"), _frame_rate(fps) if fps else "", is_detail=True),
        Fact(gettext("Video codec"), _codec(media), is_detail=True),
        Fact(gettext("Sound"), _sound(media), is_detail=True),
        Fact(gettext("Reported by the gateway"), _reported(task, media) if is_first else "", is_detail=True),
        Fact(gettext("Seed"), str(task.seed) if task.seed else "", is_code=True, is_detail=True),
        Fact(gettext("Format"), task.format, is_detail=True),
        *_usage(task),
        Fact(gettext("API key"), str(task.key) if task.key else gettext("None"), is_detail=True),
        # While the task is polled, the number would be outdated within seconds.
        Fact(gettext("Status checks"), str(task.polls) if task.is_terminal and task.polls else "", is_detail=True),
    ]
    return [fact for fact in known if fact.value]


def _size(width: int, height: int) -> str:
    return gettext("%(width)s × %(height)s px") % {"width": width, "height": height}


def _bytes(video: Video) -> str:
    return ngettext("%(count)s byte", "%(count)s bytes", video.size_bytes or 0) % {
        "count": number(video.size_bytes or 0)
    }


def _frame_rate(fps: float) -> str:
    return gettext("%(fps)s fps") % {"fps": number(round(fps, 2), "g")}


def _codec(media: MediaInfo) -> str:
    if media.support == "some":
        return gettext("%(codec)s, which some browsers can't play") % {"codec": media.codec_name}
    if media.support == "none":
        return gettext("%(codec)s, which browsers can't play") % {"codec": media.codec_name}
    return media.codec_name


def _sound(media: MediaInfo) -> str:
    if not media.video_codec:
        return ""
    return media.audio_codec.upper() or gettext("None")


def _reported(task: Task, media: MediaInfo) -> str:
    """Returns what the gateway says of the video if its file says something else."""
    differing = []
    if task.width and task.height and media.width and (task.width, task.height) != (media.width, media.height):
        differing.append(_size(task.width, task.height))
    if task.duration and media.duration and row_words.length(task.duration) != row_words.length(media.duration):
        differing.append(row_words.length(task.duration))
    if task.fps and media.fps and abs(task.fps - media.fps) > 0.5:
        differing.append(_frame_rate(task.fps))
    return ", ".join(differing)


def _usage(task: Task) -> list[Fact]:
    amounts: dict[str, int | float] = task.usage or {}
    return [
        Fact(gettext("Usage: %(name)s") % {"name": name}, number(amount), is_detail=True)
        for name, amount in amounts.items()
    ]


def _references(task: Task) -> list[Fact]:
    """What the video was started from: addresses as they were given, files by their names."""
    params: dict[str, object] = task.params
    found = [Fact(gettext("First frame"), str(params.get("image") or params.get("image_file") or ""), is_detail=True)]
    for slot in SLOTS:
        given = [params.get(f"{slot.name}_urls"), params.get(f"{slot.name}_files")]
        names = [str(name) for names in given if isinstance(names, list) for name in names]
        found.append(Fact(gettext(slot.label), ", ".join(names), is_detail=True))
    return found


def _saved_copy(video: Video) -> str:
    if video.kept_at:
        return gettext("Yes, %(time)s") % {"time": date_time(video.kept_at)}
    if not settings.ARCHIVE:
        return gettext("No, saving copies is turned off")
    return row_words.text(archive_state.WORDS.get(video.copy_state, ""))


def timeline(task: Task) -> list[TimelineEntry]:
    """Returns the task's events, oldest first, without those that would hide the rest."""
    events = TaskEvent.objects.of_task(task.pk).exclude(kind__in=NOT_IN_TIMELINE)
    return [_entry(event, task) for event in events]


def condition_detail(task: Task) -> str:
    """Returns what the gateway said when it stopped reporting a status, or in response to an unconfirmed submission."""
    if task.condition == states.UNCONFIRMED:
        return translated(answers.message_in(json_objects.in_text(task.raw) or task.raw))
    if task.condition != states.SILENT:
        return ""
    events = TaskEvent.objects.of_task(task.pk).filter(kind=TaskEvent.Kind.CONDITION, condition=states.SILENT)
    return translated(next(iter(events.order_by("-version").values_list("detail", flat=True)[:1]), ""))


def possible_ids(task: Task) -> list[str]:
    """Returns the IDs in the response to an unconfirmed submission, which may have started a task."""
    if task.condition != states.UNCONFIRMED:
        return []
    return created_tasks.ids_within(json_objects.in_text(task.raw))[:MOST_POSSIBLE_IDS]


def _entry(event: TaskEvent, task: Task) -> TimelineEntry:
    title = _entry_title(event, task)
    detail = event.detail if event.kind in IN_MEMBERS_WORDS else translated(event.detail)
    if event.kind == TaskEvent.Kind.CONDITION and not event.condition and detail:
        title, detail = detail, ""  # what resolved the condition says more than "Back to normal"
    return TimelineEntry(event.at, title, detail, event.kind)


def _entry_title(event: TaskEvent, task: Task) -> str:
    if event.kind == TaskEvent.Kind.CREATED:
        return gettext("Submitted") if task.origin == Task.Origin.CREATED else gettext("Tracking started")
    if event.kind == TaskEvent.Kind.STATUS:
        return row_words.text(rows.STATUS_WORDS[event.status])
    if event.kind == TaskEvent.Kind.CONDITION:
        return row_words.text(rows.CONDITION_WORDS.get(event.condition, BACK_TO_NORMAL))
    if event.kind == TaskEvent.Kind.COPY:
        return gettext("Saved copy")
    if event.kind == TaskEvent.Kind.REMOVED:
        return gettext("Removed")
    if event.kind == TaskEvent.Kind.RESTORED:
        return gettext("Restored")
    if event.kind == TaskEvent.Kind.OWNER:
        return gettext("New owner")
    if event.kind == TaskEvent.Kind.TAGS:
        return gettext("Tags changed") if event.detail else gettext("Tags removed")
    if event.kind == TaskEvent.Kind.LABEL:
        return gettext("Title changed") if event.detail else gettext("Title removed")
    return gettext("Details updated")


def formatted_raw(task: Task) -> str:
    """Returns the gateway's answer: indented if it is JSON, otherwise unchanged."""
    indented, size = [], 0
    try:
        for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(json.loads(task.raw)):
            indented.append(piece)
            size += len(piece)
            if size > MOST_INDENTED:  # deep nesting can turn 60 kB into 50 MB of spaces
                return task.raw
    except (ValueError, RecursionError):
        return task.raw
    return "".join(indented)


def polling_line(task: Task) -> str:
    """Returns a sentence about the next status check; empty if there is none to come."""
    if task.is_terminal:
        return ""
    if not task.upstream_id:
        return ""
    if task.next_poll_at is None:
        return gettext("Status checks are paused.")
    if task.key is not None and task.key.is_rate_limited:
        return gettext("The gateway is rate limiting this key. Next check at %(time)s.") % {
            "time": date_time(task.next_poll_at)
        }
    if task.next_poll_at - timezone.now() > SOON:
        return gettext("Next check at %(time)s.") % {"time": date_time(task.next_poll_at)}
    return gettext("Checking every few seconds.")
