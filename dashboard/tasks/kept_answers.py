"""Parses a task's stored answer again, after the parser's tables were extended. Pure.

An answer is stored when it changes its task, so a finished task's stored answer is the one that ended it.
"""

import json
from datetime import datetime

from django.utils.translation import gettext_noop

from dashboard.tasks import answer_fields, states
from dashboard.tasks.answer_fields import Change
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream import answers
from dashboard.upstream.answers import Answer
from dashboard.upstream.errors import InvalidResponse, RawAnswer


def change_of(task: Task, base_url: str, now: datetime) -> Change | None:
    """Returns what the stored answer changes today; None if it changes nothing or can't be read."""
    answer = _answer_of(task, base_url)
    if answer is None:
        return None
    change = Change()
    if task.is_terminal and answer.status not in states.TERMINAL:
        _watch_again(change, answer, now)
    elif not task.is_terminal or answer.status == task.status:
        change = answer_fields.apply_answer(task, answer, _raw_of(task), now)
        _end(change, task, now)
        _improve_reason(change, task, answer)
    return change if change.kind else None


def _answer_of(task: Task, base_url: str) -> Answer | None:
    if task.raw_http_status != 200:
        return None
    try:
        answer = answers.parse(json.loads(task.raw), asked_for=task.upstream_id, base_url=base_url)
    except (ValueError, RecursionError, InvalidResponse):
        return None
    return answer if answer.has_state or task.is_terminal else None


def _raw_of(task: Task) -> RawAnswer:
    return RawAnswer(task.raw_http_status, "application/json", task.raw, task.raw_at or task.created_at)


def _watch_again(change: Change, answer: Answer, now: datetime) -> None:
    """Makes a task active again that was ended by the status of the envelope, not by the task's own status."""
    status = answer.status or states.QUEUED
    change.fields = {
        "status": status,
        "raw_status": answer.raw_status,
        "finished_at": None,
        "progress": answer.progress,
        "error_code": "",
        "error_message": "",
        "next_poll_at": now,
        "deadline_at": None,
    }
    change.announce(TaskEvent.Kind.STATUS, gettext_noop("Its last answer was read again: it has not ended."))


def _end(change: Change, task: Task, now: datetime) -> None:
    if change.fields.get("status") in states.TERMINAL:
        change.fields |= {"next_poll_at": None, "failures": 0, "refusals": 0}
        answer_fields.set_condition(change, task, states.FINE, now)


def _improve_reason(change: Change, task: Task, answer: Answer) -> None:
    if task.is_terminal and answer.error_message and answer.error_message != task.error_message:
        change.fields |= {"error_message": answer.error_message, "error_code": answer.error_code[:100]}
        change.announce(TaskEvent.Kind.DETAIL)
