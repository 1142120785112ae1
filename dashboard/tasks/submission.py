"""Starting a video, at most once.

The gateway's create call is not idempotent, so the row comes first: an *intent* without an id, condition
`submitting`. Its primary key is the form's one-time number, so that a form sent twice finds the first one's row.

    intent --answer with an id--> tracked like any other
       |--a clear no----------> the row goes, the form comes back with the gateway's words
       '--anything else-------> condition `unclear`: it may be running and billed, and is never sent again
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard import failpoints, notify
from dashboard.accounts.models import User
from dashboard.database import release_connection, write_transaction
from dashboard.keys import actions as key_actions
from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.keys.sealing import SealBroken
from dashboard.tasks import states, writes
from dashboard.tasks.actions import deadline_for
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream import client, errors
from dashboard.upstream.secret import Secret

DEFINITE_REFUSALS = (errors.Rejected, errors.KeyRefused, errors.RateLimited, errors.Misconfigured, errors.Unavailable)
SUBMISSION_TIMEOUT = timedelta(seconds=60)  # three times the longest a create call may take


class IdTaken(Exception):
    """The owner has another row of this id."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked for: `payload` goes to the gateway, `params` (without file contents) stays with the row."""

    idempotency_key: UUID
    key: ApiKey
    payload: dict[str, object]
    params: dict[str, object]


def submit(owner: User, request: Submission) -> Task:
    """The task, submitted or unclear. Raises SealBroken and the clear noes of `errors`; then nothing was started and
    no row stays.

    Task.DoesNotExist: the number is the id of a row of somebody else.
    """
    task, is_new = _record_intent(owner, request)
    if not is_new:  # guard: form-sent-twice-creates-once
        return task
    failpoints.hit("intent_written")
    secret = _open_secret(task, request.key)
    release_connection()
    try:
        reply = async_to_sync(_create)(request.payload, secret)
    except DEFINITE_REFUSALS:
        _delete_intent(task)
        raise
    except errors.UpstreamError as error:
        raw = error.raw
        mark_unclear(task, raw=raw.body if raw else error.message, raw_http_status=raw.status if raw else None)
        return task
    failpoints.hit("submit_answered")
    answer = reply.answer
    _accept(task, answer.task_id or "", reply.raw.body, reply.raw.status)
    return task


def _open_secret(task: Task, key: ApiKey) -> Secret:
    try:
        return key_actions.open_secret(key)
    except usage.KeyUnusable as error:
        _delete_intent(task)
        raise errors.KeyRefused(str(error)) from error
    except SealBroken:
        _delete_intent(task)
        raise


async def _create(payload: dict[str, object], secret: Secret) -> client.Reply:
    async with client.client_for_call() as gateway:
        return await gateway.create(payload, secret)


def _record_intent(owner: User, request: Submission) -> tuple[Task, bool]:
    now = timezone.now()
    task = Task(
        pk=request.idempotency_key,
        owner=owner,
        key=request.key,
        origin=Task.Origin.CREATED,
        model=str(request.params["model"]),
        prompt=str(request.params["prompt"]),
        params=request.params,
        condition=states.SUBMITTING,
        condition_since=now,
        created_at=now,
    )
    try:
        with write_transaction(), transaction.atomic():
            task.save(force_insert=True)
            writes.record_events([writes.event_of(task, TaskEvent.Kind.CREATED)])
    except IntegrityError:
        return Task.objects.get(pk=request.idempotency_key, owner=owner), False
    return task, True


def _accept(task: Task, upstream_id: str, raw: str, raw_http_status: int | None) -> None:
    first_poll = timezone.now() + timedelta(seconds=settings.POLL_FIRST)
    with write_transaction():
        Task.objects.filter(pk=task.pk).update(raw=raw, raw_http_status=raw_http_status, raw_at=timezone.now())
    try:
        _attach_upstream_id(task, upstream_id, first_poll, "Accepted by the gateway")
    except IdTaken:
        # A gateway that gives two videos one id: the other row has it, and this one says what came.
        mark_unclear(task, raw=raw, raw_http_status=raw_http_status)


def _attach_upstream_id(task: Task, upstream_id: str, first_poll: datetime, detail: str) -> bool:
    """Raises IdTaken. False if the task has an id by now, or is gone."""
    fields: dict[str, object] = {
        "upstream_id": upstream_id,
        "condition": states.FINE,
        "condition_since": None,
        "next_poll_at": first_poll,
        "deadline_at": timezone.now() + deadline_for(task.model),
    }
    try:
        with write_transaction(), transaction.atomic():
            notify.wake_poller()
            return _retry_on_conflict(task, fields, detail)
    except IntegrityError as error:
        with suppress(Task.DoesNotExist):
            task.refresh_from_db()
        raise IdTaken(upstream_id) from error


def _retry_on_conflict(task: Task, fields: dict[str, object], detail: str = "") -> bool:
    """Changes a task that has no id yet, whatever else happens to it: its owner may label it meanwhile."""
    while not writes.update_task(task, TaskEvent.Kind.CONDITION, detail=detail, **fields):  # type: ignore[arg-type]  # none is named like the other parameters
        try:
            task.refresh_from_db()
        except Task.DoesNotExist:
            return False
        if task.upstream_id:
            return False
    return True


def attach_upstream_id(task: Task, upstream_id: str) -> bool:
    """Gives an unclear submission the id that its owner found at the gateway. False if it has one by now.

    Raises IdTaken.
    """
    if task.upstream_id or task.condition != states.UNCLEAR:
        return False
    return _attach_upstream_id(task, upstream_id, timezone.now(), "Its id was entered by hand")


def mark_unclear(task: Task, *, raw: str, raw_http_status: int | None) -> bool:
    now = timezone.now()
    kept: dict[str, object] = {"raw": raw, "raw_http_status": raw_http_status, "raw_at": now}
    with write_transaction():
        return _retry_on_conflict(task, {"condition": states.UNCLEAR, "condition_since": now, **kept})


def mark_interrupted() -> int:
    """Intents whose sender died before it could write the answer down: unclear from now on."""
    stuck = Task.objects.active().submitting_since(timezone.now() - SUBMISSION_TIMEOUT).without_texts()
    words = "The server stopped while the request was on its way. No answer was kept."
    return sum(mark_unclear(task, raw=words, raw_http_status=None) for task in stuck)


def _delete_intent(task: Task) -> None:
    with write_transaction():
        # Read again: its owner may have labelled or deleted it meanwhile.
        held = Task.objects.filter(pk=task.pk, upstream_id="").select_for_update(of=("self",)).first()
        if held is not None:
            held.version += 1
            writes.record_events([writes.event_of(held, TaskEvent.Kind.DELETED)])
            Task.objects.filter(pk=held.pk).delete()
