"""Finds the gateway's own words for why a task failed, in any dialect. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from dashboard.upstream import answer_tables, json_objects, values
from dashboard.upstream.answer_tables import normalized
from dashboard.upstream.json_objects import JsonObject
from dashboard.upstream.task_objects import TaskObject

LIMIT: Final = 20_000  # characters, for all reasons together
_CODE: Final = re.compile(r"[A-Za-z0-9]+(?:[_.][A-Za-z0-9]+)+|[A-Z]{2,}|[A-Za-z][a-z0-9]+[A-Z][A-Za-z0-9]*")
_CUT: Final = "\n… (the rest was cut)"
_PLACES: Final = tuple(normalized(row.name) for row in answer_tables.REASON_PLACES)
_CODES: Final = tuple(normalized(row.name) for row in answer_tables.CODE_PLACES)
_GENERAL: Final = frozenset(
    {"message", "msg", "statusmsg", "basersp", "baseresp", "description", "statusmessage", "errmsg"}
)
# Objects that may contain a reason; the vendor's raw response is one of them.
_INSIDE: Final = ("data", "output", "response", "result", "taskresult", "task", "video", "generatevideoresponse")
_ADDRESSES: Final = tuple(row.name for row in answer_tables.REASON_ADDRESSES)
_EMPTY: Final = frozenset({
    *("", "success", "succeed", "succeeded", "ok", "completed", "none", "null", "true", "false", "nil"),
    *("undefined", "noerror"),
})  # fmt: skip
_DEPTH: Final = 6
_MOST_ITEMS: Final = 20


def of_task(task: TaskObject, *, is_failed: bool) -> str:
    """Returns all reasons, one per line.

    If the task has not failed, only reads names that can't mean anything but a reason.
    """
    found = list(_in_object(task.fields, _DEPTH, general=is_failed))
    if is_failed:
        found = found or list(_instead_of_address(task.fields))
        found = found or [text for outer in task.around for text in _in_object(outer, 1, general=True)]
    return _joined(found)


def of_document(document: object) -> str:
    """Returns the message of an error document in any dialect, "" if it has none."""
    if isinstance(document, str):
        return _joined(list(_in_text(document, _DEPTH)))
    return _joined(list(_in_value(document, _DEPTH)))


def _joined(reasons: list[str]) -> str:
    # A code such as API_KEY_INVALID comes after the sentence that it belongs to.
    text = "\n".join(sorted(dict.fromkeys(reasons), key=lambda reason: _CODE.fullmatch(reason) is not None))
    return text if len(text) <= LIMIT else text[: LIMIT - len(_CUT)] + _CUT


def _in_object(fields: JsonObject, depth: int, *, general: bool = True) -> Iterator[str]:
    named = json_objects.by_name(fields)
    found = False
    for name in _PLACES:
        if name in named and (general or name not in _GENERAL):
            for text in _in_value(named[name], depth - 1):
                found = True
                yield _about(named, text)
    for name in _INSIDE:
        inner = named.get(name)
        if not found and isinstance(inner, Mapping) and depth > 0:
            for text in _in_object(inner, depth - 1, general=general):
                found = True
                yield text
    if not found and general:
        yield from (text for name in _CODES if (text := _sentence(named.get(name))))


def _in_value(value: object, depth: int) -> Iterator[str]:
    if depth < 0:
        return
    if isinstance(value, str):
        yield from _in_text(value, depth)
    elif isinstance(value, list):
        for item in value[:_MOST_ITEMS]:
            yield from _in_value(item, depth - 1)
    elif isinstance(value, Mapping):
        yield from _in_object(value, depth)


def _in_text(text: str, depth: int) -> Iterator[str]:
    """Yields the text, or the reasons inside it if it contains JSON."""
    inner = list(_in_value(json_objects.in_text(text[:LIMIT]), depth - 1)) if "{" in text else []
    if inner:
        yield from inner
    elif sentence := _sentence(text):
        yield sentence


def _sentence(value: object) -> str:
    text = values.text(value, LIMIT + 1)  # one more, so that truncation is noticed
    is_reason = normalized(text) not in _EMPTY and values.http_url(text) is None
    return text if text and (is_reason or not text.isascii()) else ""


def _about(named: Mapping[str, object], text: str) -> str:
    """Prepends the invalid input, as FastAPI's validation names it: `loc` is a path such as ["body", "prompt"]."""
    path = named.get("loc")
    if not isinstance(path, list):
        return text
    names = [str(part) for part in path[:8] if isinstance(part, str | int) and part != "body"]
    return f"{values.text('.'.join(names), 100)}: {text}" if names else text


def _instead_of_address(fields: JsonObject) -> Iterator[str]:
    for name in _ADDRESSES:
        value: object = fields
        for part in name.split("."):
            value = json_objects.mapping(value).get(part)
        if sentence := _sentence(value):
            yield sentence
