"""JSON of a task in any of the gateway family's dialects, read into one `Answer`. Pure.

Four shapes are in use: flat with `task_id` (the documented one), flat with `id` (OpenAI's), the same as sent by servers
of one's own, and an envelope `{"code", "message", "data": {...}}` whose `data.id` is a row number and never the id.
Words outside the tables below mean nothing: the task stays as it was.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from dashboard.upstream import values
from dashboard.upstream.errors import InvalidResponse

_WORDS: Final = {
    "queued": ("queued", "not_start", "submitted", "pending"),
    "in_progress": ("in_progress", "processing", "running"),
    "completed": ("completed", "success", "succeeded"),
    "failed": ("failed", "failure"),
}
_STATUS: Final = {raw: status for status, spellings in _WORDS.items() for raw in spellings}
_GONE: Final = frozenset({"expired", "deleted"})
_TERMINAL: Final = frozenset({"completed", "failed"})

JsonObject: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway says about one task. None and "" mean that it did not say, or nothing that can be used."""

    task_id: str | None = None
    status: str | None = None  # queued, in_progress, completed, failed; None: a word we do not know
    raw_status: str = ""  # the gateway's own word
    progress: int | None = None  # 0 to 100; something to show, never a state
    is_gone: bool = False  # the gateway calls the task expired or deleted
    video_urls: tuple[str, ...] = ()  # http or https, in the gateway's order
    format: str = ""
    duration: float | None = None  # seconds
    fps: int | None = None
    width: int | None = None  # pixels
    height: int | None = None  # pixels
    seed: int | None = None
    error_code: str = ""
    error_message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


def parse(document: object, *, asked_for: str | None = None) -> Answer:
    """Read a decoded JSON document. Raises InvalidResponse when it is not an object, or is about another task."""
    if not isinstance(document, Mapping):
        raise InvalidResponse("The gateway's answer is not a JSON object.")
    task = _task_in(document)
    raw_status = values.text(task.get("status"), 64)
    key = raw_status.lower().replace("-", "_").replace(" ", "_")
    status = _STATUS.get(key)
    failed = status == "failed"
    code, message = _error(task, failed=failed) if status != "completed" else ("", "")
    width, height = _pixels(task)
    return Answer(
        task_id=_task_id(task, document, asked_for),
        status=status,
        raw_status=raw_status,
        progress=values.percent(task.get("progress")),
        is_gone=key in _GONE,
        video_urls=() if failed else _video_urls(task, finished=status == "completed"),
        format=values.text(task.get("format"), 16).lower(),
        duration=_seconds(task),
        fps=_whole(task, "fps", 1_000),
        width=width,
        height=height,
        seed=_whole(task, "seed", 2**63 - 1),
        error_code=code,
        error_message=message,
        started_at=_moment(task, "start_time", "started_at"),
        # Some set `completed_at` on queued tasks already.
        finished_at=_moment(task, "finish_time", "finished_at", "completed_at") if status in _TERMINAL else None,
    )


def video_url(document: JsonObject) -> str | None:
    """The address of the first video in an answer, wherever its dialect keeps it."""
    return next(iter(_video_urls(_task_in(document), finished=True)), None)


def _video_urls(task: JsonObject, *, finished: bool) -> tuple[str, ...]:
    candidates = [task.get("url"), task.get("result_url"), task.get("video_url"), _metadata(task).get("url")]
    if finished:
        candidates.append(task.get("fail_reason"))  # where old rows of the envelope dialect keep it
    return tuple(url for url in map(values.http_url, candidates) if url)[:1]


def says_missing(document: object) -> bool:
    """Whether an error document says that the gateway does not know the task; some say it under 400, or under 200."""
    if not isinstance(document, Mapping):
        return False
    error = _mapping(document.get("error"))
    spelled = (
        document.get("code"),
        error.get("code"),
        error.get("type"),
        document.get("message"),
        error.get("message"),
    )
    told = {values.text(item, 64).lower().replace(" ", "_") for item in spelled}
    return bool(told & {"task_not_exist", "task_not_found", "video_not_found", "task_not_exists"})


def message_in(document: object) -> str:
    """The text of an error document in any dialect, "" when it holds none."""
    return _error(document, failed=True)[1] if isinstance(document, Mapping) else ""


def _task_in(document: JsonObject) -> JsonObject:
    """The task itself: the document, or what its envelope holds. A flat task may have a `data` of its own."""
    data = document.get("data")
    return data if isinstance(data, Mapping) and not isinstance(document.get("status"), str) else document


def _task_id(task: JsonObject, document: JsonObject, asked_for: str | None) -> str | None:
    found = [text for text in (values.text(task.get(name), 512) for name in ("task_id", "id")) if text]
    if not found and asked_for is None and document.get("code") == "success":
        found = [text for text in (values.text(document.get("data"), 512),) if text]
    if asked_for is None or not found:
        return found[0] if found else None
    if any(_same_task(text, asked_for) for text in found):
        return asked_for
    raise InvalidResponse("The gateway answered about another task.")


def _same_task(one: str, other: str) -> bool:
    return one == other or _inner_id(one) == _inner_id(other) is not None


def _inner_id(task_id: str) -> str | None:
    """litellm wraps the provider's id in base64, together with facts that differ between creating and asking."""
    try:
        coded = task_id.removeprefix("video_")
        plain = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    _, found, inner = plain.partition("video_id:")
    return inner if found else None


def _error(task: JsonObject, *, failed: bool) -> tuple[str, str]:
    """Code and message. A failed row of the envelope dialect may keep its text where the url would be."""
    error = task.get("error")
    told = [_mapping(error).get("message"), error, task.get("fail_reason")]
    if failed:
        told += [task.get("result_url"), _metadata(task).get("url"), *_details(task.get("detail")), task.get("message")]
    texts = (values.text(item) for item in told if values.http_url(item) is None)
    return _code(_mapping(error).get("code")), next(filter(None, texts), "")


def _code(code: object) -> str:
    if isinstance(code, int) and not isinstance(code, bool) and 0 < abs(code) < 10**18:
        return str(code)
    return values.text(code, 64)


def _details(detail: object) -> Iterator[object]:
    """`detail` is a text, or a list of objects with `msg` as FastAPI's validation writes them."""
    for item in detail[:5] if isinstance(detail, list) else [detail]:
        yield item.get("msg") if isinstance(item, Mapping) else item


def _pixels(task: JsonObject) -> tuple[int | None, int | None]:
    width, height = _whole(task, "width", 65_535), _whole(task, "height", 65_535)
    return (width, height) if width and height else values.size(task.get("size") or _metadata(task).get("size"))


def _whole(task: JsonObject, name: str, limit: int) -> int | None:
    return values.whole(_metadata(task).get(name), limit) or values.whole(task.get(name), limit)


def _seconds(task: JsonObject) -> float | None:
    told = (place.get(name) for place in (_metadata(task), task) for name in ("duration", "seconds"))
    return next(filter(None, map(values.number, told)), None)


def _moment(task: JsonObject, *names: str) -> datetime | None:
    return next(filter(None, (values.moment(task.get(name)) for name in names)), None)


def _metadata(task: JsonObject) -> JsonObject:
    return _mapping(task.get("metadata"))


def _mapping(value: object) -> JsonObject:
    return value if isinstance(value, Mapping) else {}
