"""Finds the object in an answer that describes the task, and reads its state. Pure.

Only that object's own state counts. The values around it (`status: success`, `code: 0`) are about the call, and nested
objects, such as the vendor's raw response, may be stale: neither is read for a state.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from dashboard.upstream import answer_tables, values
from dashboard.upstream.answer_tables import COMPLETED, FAILED, GONE, normalized
from dashboard.upstream.json_objects import JsonObject, by_name

_PLACES: Final = tuple(normalized(row.name) for row in answer_tables.TASK_PLACES)
_STATE_NAMES: Final = tuple(normalized(row.name) for row in answer_tables.STATE_NAMES)
_PREFIXES: Final = tuple(normalized(row.name) for row in answer_tables.STATE_PREFIXES)
_WORDS: Final = {normalized(row.name): row.means for row in answer_tables.STATE_WORDS}
_NUMBERS: Final = {
    (normalized(place), normalized(name), value): row.means
    for row in answer_tables.STATE_NUMBERS
    for path, _, value in [row.name.partition("=")]
    for place, _, name in [path.rpartition(".")]
}
_ID_NAMES: Final = tuple(normalized(row.name) for row in answer_tables.ID_NAMES)
_OWN_ID_NAMES: Final = ("taskid", "id")  # a string under these is the task's ID, not the call's

# An object with no other names than these is the envelope of a call.
_ENVELOPE: Final = frozenset({
    *("status", "state", "code", "statuscode", "message", "msg", "success", "ok", "data", "error", "errors"),
    *("errcode", "errmsg", "requestid", "traceid", "logid", "timestamp", "time", "basersp", "baseresp"),
})  # fmt: skip
_CALL_WORDS: Final = frozenset({"success", "successful", "ok", "error", "fail"})
_ENDS: Final = frozenset({COMPLETED, FAILED, GONE})
_MOST_ITEMS: Final = 20  # of a list that are read


@dataclass(frozen=True, slots=True)
class State:
    """`raw_status` is the gateway's own word. `status` is what it means, None if the word is in no table."""

    raw_status: str = ""
    status: str | None = None


NO_STATE: Final = State()


@dataclass(frozen=True, slots=True)
class TaskObject:
    """The object that describes the task. `around` are the objects that contain it, the innermost first."""

    fields: JsonObject
    named: Mapping[str, object]  # the fields by their normalized names
    around: tuple[JsonObject, ...] = ()
    state: State = NO_STATE
    bears_id: bool = False  # it has the ID that was asked for


def find(document: JsonObject, asked_for: str | None) -> TaskObject:
    """Returns the task's object, or the document itself if nothing in it is about a task."""
    found = list(_candidates(document, asked_for))
    own = [task for task in found if task.bears_id]
    if own:
        return next((task for task in own if task.state.raw_status), None) or _state_within(own[0], found)
    stating = [task for task in found if task.state.raw_status and not _is_envelope(task)]
    if not stating:
        return found[0] if not found[0].state.raw_status else TaskObject(document, by_name(document))
    outer = stating[0]
    inner = next((task for task in stating[1:] if outer.fields in task.around), None)
    # A terminal state of the outer object is about the call if that object has no ID and an inner one has a state.
    is_about_call = outer.state.status in _ENDS and not own_ids(outer.fields)
    return inner if inner is not None and is_about_call else outer


def candidates(document: JsonObject) -> list[TaskObject]:
    """Returns all objects that may be the task's, from the outside in."""
    return list(_candidates(document, None))


def ids_in(fields: JsonObject) -> list[str]:
    """Returns what may be the task's ID, best first. Numbers under `id` are row numbers, not task IDs."""
    return _ids(by_name(fields))


def _ids(named: Mapping[str, object]) -> list[str]:
    found = []
    for name in _ID_NAMES:
        if name not in named:
            continue
        value = named[name]
        if isinstance(value, int) and not isinstance(value, bool) and name not in {"id", "name"}:
            value = str(value)
        if text := values.text(value, 512):
            found.append(text)
    return found


def own_ids(fields: JsonObject) -> list[str]:
    """Returns only the IDs that are certain to be a task's."""
    named = by_name(fields)
    return [text for text in (values.text(named.get(name), 512) for name in _OWN_ID_NAMES) if text]


def is_same_id(one: str, other: str) -> bool:
    return one == other or _inner_id(one) == _inner_id(other) is not None


def status_of(raw_status: str) -> str | None:
    """Returns what a state word means, in any spelling; None if it is in no table."""
    found = normalized(raw_status)
    if found in _WORDS:
        return _WORDS[found]
    bare = next((found.removeprefix(prefix) for prefix in _PREFIXES if found.startswith(prefix)), "")
    return _WORDS.get(bare)


def _candidates(document: JsonObject, asked_for: str | None) -> Iterator[TaskObject]:
    """Yields the document and the objects in it, from the outside in."""
    level: list[tuple[str, JsonObject, tuple[JsonObject, ...]]] = [("", document, ())]
    for _ in range(3):
        inner: list[tuple[str, JsonObject, tuple[JsonObject, ...]]] = []
        for place, fields, around in level:
            named = by_name(fields)
            yield TaskObject(fields, named, around, _state(place, named), _bears(named, asked_for))
            inner += [(within, item, (fields, *around)) for within, item in _within(named)]
        level = inner


def _within(named: Mapping[str, object]) -> Iterator[tuple[str, JsonObject]]:
    for place in _PLACES:
        if place not in named:
            continue
        value = named[place]
        if isinstance(value, dict):
            yield place, value
        elif isinstance(value, list):
            yield from ((place, item) for item in value[:_MOST_ITEMS] if isinstance(item, dict))


def _bears(named: Mapping[str, object], asked_for: str | None) -> bool:
    return asked_for is not None and any(is_same_id(text, asked_for) for text in _ids(named))


def _state_within(own: TaskObject, found: list[TaskObject]) -> TaskObject:
    """Handles an ID that is outside of the object with the state."""
    inside = [task for task in found if task.state.raw_status and own.fields in task.around]
    return next((task for task in inside if not own_ids(task.fields)), own)


def _state(place: str, named: Mapping[str, object]) -> State:
    told = (values.text(named[name], 64) for name in _STATE_NAMES if name in named)
    words = [text for text in told if _is_word(text)]
    for raw_status in words:
        if status := status_of(raw_status):
            return State(raw_status, status)
    return _numbered_state(place, named) or (State(words[0]) if words else NO_STATE)


def _is_word(text: str) -> bool:
    return bool(text) and not text.isdigit() and text.lower() not in {"ok", "true", "false", "null", "none"}


def _numbered_state(place: str, named: Mapping[str, object]) -> State | None:
    is_operation = "done" in named and any(name in named for name in ("name", "response", "error"))
    for (within, name, value), status in _NUMBERS.items():
        is_there = name in named and within in {"", place} and str(named[name]).lower() == value
        if is_there and (name != "done" or is_operation):
            failed = name == "done" and status == COMPLETED and bool(named.get("error"))
            return State(f"{name}: {value}", FAILED if failed else status)
    return None


def _is_envelope(task: TaskObject) -> bool:
    """Returns whether the state is that of a call: a word used for calls, and only names that envelopes have."""
    if task.state.status not in _ENDS or normalized(task.state.raw_status) not in _CALL_WORDS:
        return False
    return task.named.keys() <= _ENVELOPE


def _inner_id(task_id: str) -> str | None:
    """Unwraps the ID of litellm: base64 of the provider's ID and of values that differ between create and retrieve."""
    try:
        coded = task_id.removeprefix("video_")
        plain = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    _, found, inner = plain.partition("video_id:")
    return inner if found else None
