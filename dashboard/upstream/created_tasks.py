"""Reads responses to the creation of a task: the IDs of the started tasks, or the words of a refusal. Pure."""

import html
import re
from collections.abc import Iterable
from typing import Final

from dashboard.upstream import answer_tables, failure_reasons, task_objects, values
from dashboard.upstream.answer_tables import normalized
from dashboard.upstream.json_objects import JsonObject, by_name, mapping
from dashboard.upstream.task_objects import TaskObject

_ID_NAMES: Final = tuple(normalized(row.name) for row in answer_tables.ID_NAMES)
_OF_THE_CALL: Final = ("requestid",)  # the task's ID only if there is no other
MOST_CREATED: Final = 10
_UNDER_WAY: Final = frozenset({answer_tables.QUEUED, answer_tables.IN_PROGRESS, answer_tables.COMPLETED})
_FINE: Final = frozenset({"", "0", "200", "201", "202", "10000", "success", "succeed", "succeeded", "ok", "true"})
_CODES: Final = ("code", "errcode", "statuscode", "errorcode")
# A 429 or 5xx response with one of these errors means that nothing was started. Only whole codes and statements count:
# a single word such as "balance" proves nothing, as in "created, but the balance could not be saved", a paid task.
_REFUSAL_CODES: Final = frozenset({
    *("modelnotfound", "insufficientquota", "insufficientuserquota", "insufficientbalance", "contentpolicyviolation"),
    *("invalidrequesterror", "invalidrequest", "quotaexceeded", "billinghardlimitreached", "moderationblocked"),
})  # fmt: skip
_REFUSALS: Final = (
    *("no available channel", "no available provider", "exceeded your current quota", "insufficient balance"),
    *(
        "insufficient quota",
        "insufficient credits",
        "credits are not enough",
        "not enough credits",
        "account balance is",
    ),
    *("breaks its content policy", "content policy violation", "violates our", "violates the", "content policy."),
    *("无可用渠道", "余额不足", "额度不足", "欠费"),
)
# A response with one of these words may be about a task that was started.
_DOUBTS: Final = (
    "created",
    "started",
    "submitted",
    "timeout",
    "timed out",
    "time out",
    "after",
    "consumed",
    "saving",
    "超时",
)
_SCRIPTS: Final = re.compile(r"<(script|style)\b[^>]{0,1000}>[^<]{0,100000}", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")


def created_ids(document: object) -> list[str]:
    """Returns the IDs of the started tasks: several only if they are in one list of task objects. Empty without any.

    Prefers the innermost object, and names in the order of the table of IDs. Numbers under `id` are row numbers, not
    task IDs.
    """
    fields = {"items": document} if isinstance(document, list) else mapping(document)
    # The innermost first, and items of a list in their order.
    objects = sorted(task_objects.candidates(fields), key=lambda one: -len(one.around))
    task = task_objects.find(fields, None)
    if task.state.raw_status and _ids(task):
        objects = [task, *(one for one in objects if one.around == task.around and one.fields is not task.fields)]
    is_envelope = any(name in by_name(fields) for name in (*_CODES, "success", "error"))
    of_the_call = () if is_envelope else _OF_THE_CALL
    for name in (*(name for name in _ID_NAMES if name not in _OF_THE_CALL), *of_the_call):
        found = [(one, text) for one in objects if (text := _id_under(one, name))]
        if found:
            first = found[0][0]
            return [*dict.fromkeys(text for one, text in found if _are_listed_together(one, first))][:MOST_CREATED]
    only = values.text(fields.get("data"), 512)
    return [only] if only else []


def ids_within(document: object) -> list[str]:
    """Returns everything in an unclear response that may be a task ID, the likeliest first; the call's own ID last."""
    fields = {"items": document} if isinstance(document, list) else mapping(document)
    objects = sorted(task_objects.candidates(fields), key=lambda one: -len(one.around))
    found = [text for name in (*_ID_NAMES, *_OF_THE_CALL) for one in objects if (text := _id_under(one, name))]
    return [*dict.fromkeys(found)][:MOST_CREATED]


def states_a_task(document: object) -> bool:
    """Returns whether the document has an object with a task's state, or with an ID that only tasks have.

    Its codes are no refusal then.
    """
    fields = {"items": document} if isinstance(document, list) else mapping(document)
    for one in task_objects.candidates(fields):
        if any(name in one.named for name in ("taskid", "videoid")) or one.state.status in _UNDER_WAY:
            return True
    return False


def refusal(document: object) -> str | None:
    """Returns the words of a refusal in a response without an ID; None if it isn't a refusal."""
    named = by_name(mapping(document))
    codes = [named.get(name) for name in _CODES] + [by_name(mapping(named.get("baseresp"))).get("statuscode")]
    is_refused = any(not _is_fine(code) for code in codes) or named.get("success") is False or bool(named.get("error"))
    states = [named.get(name) for name in ("status", "state")]
    is_refused |= any(isinstance(one, str) and task_objects.status_of(one) == answer_tables.FAILED for one in states)
    return failure_reasons.of_document(document) or None if is_refused else None


def is_refused_before_start(words: str, codes: Iterable[str]) -> bool:
    """Returns whether an error says clearly that nothing was started, whatever its HTTP status."""
    lower = words.lower()
    if any(one in lower for one in _DOUBTS):
        return False
    return any(one in lower for one in _REFUSALS) or any(normalized(code) in _REFUSAL_CODES for code in codes)


def text_of_page(page: str) -> str:
    """Returns the text of a web page as one line; at most 300 characters."""
    text = html.unescape(_TAG.sub(" ", _SCRIPTS.sub(" ", page[:20_000])))
    return values.text(" ".join(text.split()), 300)


def _is_fine(code: object) -> bool:
    return code is None or isinstance(code, dict | list | float) or str(code).strip().lower() in _FINE


def _ids(task: TaskObject) -> list[str]:
    return [text for name in _ID_NAMES if name not in _OF_THE_CALL and (text := _id_under(task, name))]


def _id_under(task: TaskObject, name: str) -> str:
    if name == "id" and any(_is_new_api_envelope(outer) for outer in task.around):
        return ""  # the row number in that gateway's table
    return next(iter(task_objects.ids_in({name: task.named.get(name)})), "")


def _is_new_api_envelope(fields: JsonObject) -> bool:
    code = by_name(fields).get("code")
    return isinstance(code, str) and code.lower() == "success"


def _are_listed_together(one: TaskObject, first: TaskObject) -> bool:
    if one.fields is first.fields:
        return True
    if not first.around or [id(outer) for outer in one.around] != [id(outer) for outer in first.around]:
        return False
    lists = [value for value in first.around[0].values() if isinstance(value, list)]
    return any(
        any(item is first.fields for item in items) and any(item is one.fields for item in items) for items in lists
    )
