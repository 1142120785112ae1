"""Parses the JSON of a task, in any dialect of this family of gateways, into an `Answer`. Pure.

The names that the dialects use are in `answer_tables`. A state word that is in no table leaves the task as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_noop

from dashboard.upstream import failure_reasons, task_objects, task_usage, values, video_urls
from dashboard.upstream.answer_tables import COMPLETED, FAILED, GONE, normalized
from dashboard.upstream.errors import InvalidResponse
from dashboard.upstream.json_objects import JsonObject, by_name, mapping
from dashboard.upstream.task_objects import TaskObject

_TERMINAL: Final = frozenset({COMPLETED, FAILED, GONE})
_MISSING: Final = frozenset({"tasknotexist", "tasknotfound", "videonotfound", "tasknotexists"})
_KEY_CODES: Final = frozenset({"unauthorized", "invalidapikey", "authenticationerror", "invalidtoken", "invalidkey"})
_PLAIN_FAILURES: Final = frozenset({"failed", "fail", "failure", "error", "errored"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway says about one task. None and "" mean that it said nothing, or nothing usable."""

    task_id: str | None = None
    more_task_ids: tuple[str, ...] = ()  # if a creation started several tasks
    status: str | None = None  # queued, in_progress, completed, failed; None: an unknown word
    raw_status: str = ""  # the gateway's own word
    progress: int | None = None  # 0 to 100; for display only, never a state
    is_gone: bool = False  # the gateway calls the task expired or deleted
    video_urls: tuple[str, ...] = ()  # http or https, in the gateway's order
    format: str = ""
    duration: float | None = None  # seconds
    fps: int | None = None
    width: int | None = None  # pixels
    height: int | None = None  # pixels
    seed: int | None = None
    error_code: str = ""
    error_message: str = ""  # for a completed task: why there is no video
    started_at: datetime | None = None
    finished_at: datetime | None = None
    usage: dict[str, int | float] = field(default_factory=dict)  # amounts by the gateway's names for them

    @property
    def has_state(self) -> bool:
        """Whether it says anything about the task, even in an unknown word."""
        return bool(self.raw_status)

    @property
    def says_not_found(self) -> bool:
        return normalized(self.raw_status) in {"notfound", "notexist"}


def parse(document: object, *, asked_for: str | None = None, base_url: str = "") -> Answer:
    """Parses a decoded JSON document. `base_url` completes video URLs that have no host.

    Raises InvalidResponse if the document is neither an object nor a list of objects, or is about another task.
    """
    task = task_objects.find(_object(document), asked_for)
    status = FAILED if task.state.status == GONE else task.state.status
    urls = () if status == FAILED else video_urls.video_urls(task, is_finished=status == COMPLETED, base_url=base_url)
    width, height = _pixels(task.fields)
    return Answer(
        task_id=_task_id(task, asked_for),
        status=status,
        raw_status=task.state.raw_status,
        progress=_progress(task.named),
        is_gone=task.state.status == GONE,
        video_urls=urls,
        format=values.text(task.fields.get("format"), 16).lower(),
        duration=_seconds(task.fields),
        fps=_whole(task.fields, "fps", 1_000) or _whole(task.fields, "framespersecond", 1_000),
        width=width,
        height=height,
        seed=_whole(task.fields, "seed", 2**63 - 1),
        error_code=_error_code(task.named) if status != COMPLETED else "",
        error_message=_error_message(task, status, has_video=bool(urls)),
        started_at=_moment(task.fields, "start_time", "started_at"),
        # Some gateways already set `completed_at` on queued tasks.
        finished_at=_moment(task.fields, "finish_time", "finished_at", "completed_at", "end_time")
        if task.state.status in _TERMINAL
        else None,
        usage=task_usage.usage_of(task),
    )


def video_url(document: JsonObject) -> str | None:
    """Returns the URL of the first video in an answer, in any dialect."""
    return next(iter(video_urls.video_urls(task_objects.find(document, None), is_finished=True)), None)


def says_missing(document: object) -> bool:
    """Returns whether an error document says that the task is unknown; some gateways do so with status 400 or 200."""
    fields = mapping(document)
    error = mapping(fields.get("error"))
    spelled = (fields.get("code"), error.get("code"), error.get("type"), fields.get("message"), error.get("message"))
    return any(normalized(values.text(item, 64)) in _MISSING for item in spelled)


def code_in(document: object) -> int | None:
    """Returns the HTTP error status that a 200 response contains, as a number or in words; None if there is none."""
    named = by_name(mapping(document))
    error, base = by_name(mapping(named.get("error"))), by_name(mapping(named.get("baseresp")))
    told = (named.get("code"), named.get("statuscode"), named.get("status"), error.get("code"), base.get("statuscode"))
    for code in (*told, error.get("type")):
        if normalized(values.text(code, 64)) in _KEY_CODES:
            return 401
        found = values.whole(code)
        if found is not None and 400 <= found < 600:
            return found
    return None


def message_in(document: object) -> str:
    """Returns the message of an error document in any dialect, "" if it has none."""
    return failure_reasons.of_document(document)


def _object(document: object) -> JsonObject:
    if isinstance(document, list) and document and isinstance(document[0], Mapping):
        return {"items": document}
    if not isinstance(document, Mapping):
        raise InvalidResponse(gettext_noop("The gateway's answer is not a JSON object."))
    return document


def _task_id(task: TaskObject, asked_for: str | None) -> str | None:
    if task.bears_id:
        return asked_for
    if asked_for is None:
        return next(iter(task_objects.ids_in(task.fields)), None)
    own = task_objects.own_ids(task.fields)
    if own and not any(_bears(outer, asked_for) for outer in task.around):
        raise InvalidResponse(gettext_noop("The gateway answered about another task."))
    return None


def _bears(fields: JsonObject, asked_for: str) -> bool:
    return any(task_objects.is_same_id(text, asked_for) for text in task_objects.ids_in(fields))


def _error_message(task: TaskObject, status: str | None, *, has_video: bool) -> str:
    if status == COMPLETED:
        return "" if has_video else failure_reasons.of_task(task, is_failed=False)
    reasons = failure_reasons.of_task(task, is_failed=status == FAILED)
    is_told = reasons or status != FAILED or normalized(task.state.raw_status) in _PLAIN_FAILURES
    return reasons if is_told else task.state.raw_status


def _error_code(named: Mapping[str, object]) -> str:
    error = by_name(mapping(named.get("error")))
    told = (
        error.get("code"),
        named.get("errorcode"),
        named.get("errcode"),
        named.get("failurecode"),
        named.get("code"),
    )
    return next(filter(None, map(_code, told)), "")


def _code(code: object) -> str:
    if code is None:
        return ""
    if isinstance(code, int) and not isinstance(code, bool) and 0 < abs(code) < 10**18:
        return str(code)
    return "" if normalized(found := values.text(code, 64)) in {"success", "ok", "0"} else found


def _progress(named: Mapping[str, object]) -> int | None:
    told = (values.percent(named.get(name)) for name in ("progress", "progresspercent", "percent"))
    return next((found for found in told if found is not None), None)


def _pixels(fields: JsonObject) -> tuple[int | None, int | None]:
    width, height = _whole(fields, "width", 65_535), _whole(fields, "height", 65_535)
    return (width, height) if width and height else values.size(fields.get("size") or _metadata(fields).get("size"))


def _whole(fields: JsonObject, name: str, limit: int) -> int | None:
    return values.whole(_metadata(fields).get(name), limit) or values.whole(fields.get(name), limit)


def _seconds(fields: JsonObject) -> float | None:
    told = (place.get(name) for place in (_metadata(fields), fields) for name in ("duration", "seconds"))
    return next(filter(None, map(values.number, told)), None)


def _moment(fields: JsonObject, *names: str) -> datetime | None:
    return next(filter(None, (values.moment(fields.get(name)) for name in names)), None)


def _metadata(fields: JsonObject) -> JsonObject:
    return mapping(fields.get("metadata"))
