"""Creates a video, at most once.

The gateway's create call is not idempotent, so the row is written first: an *intent* without an ID, with the condition
`submitting`. Its primary key is the form's idempotency key, so a form that is sent twice finds the first one's row.

    intent --response with an ID--> tracked like any other task
       |-----a clear refusal------> the row is deleted, the form shows the gateway's message
       '-----anything else--------> condition `unclear`: it may be running and billed, and is never sent again
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

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
from dashboard.upstream.apis import Api
from dashboard.upstream.secret import Secret

DEFINITE_REFUSALS = (errors.Rejected, errors.KeyRefused, errors.RateLimited, errors.Misconfigured, errors.Unavailable)
SUBMISSION_TIMEOUT = timedelta(seconds=180)  # twice the longest a create call may take, files included


class IdTaken(Exception):
    """Raised if the owner has another row with this ID."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A request for a video. `payload` goes to the gateway and may contain DataUrl; `params` is stored with the row."""

    idempotency_key: UUID
    key: ApiKey
    payload: dict[str, object]
    params: dict[str, object]
    api: Api = Api.VIDEOS
    tags: Sequence[str] = ()


def submit(owner: User, submission: Submission) -> Task:
    """Returns the task, submitted or unclear. Raises SealBroken or DEFINITE_REFUSALS if nothing was started; the row is
    then deleted.

    Raises Task.DoesNotExist if the idempotency key is the ID of somebody else's row.
    """
    task, is_new = _record_intent(owner, submission)
    if not is_new:  # guard: form-sent-twice-creates-once
        return task
    failpoints.hit("intent_written")
    secret = _open_secret(task, submission.key)
    release_connection()
    try:
        reply = async_to_sync(_create)(submission, secret)
    except DEFINITE_REFUSALS:
        _delete_intent(task)
        raise
    except errors.UpstreamError as error:
        raw = error.raw
        mark_unconfirmed(task, raw=raw.body if raw else error.message, raw_http_status=raw.status if raw else None)
        return task
    failpoints.hit("submit_answered")
    answer = reply.answer
    _accept(task, answer.task_id or "", reply.raw.body, reply.raw.status)
    for upstream_id in answer.more_task_ids:
        _track_another(task, upstream_id, submission.tags)
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


async def _create(submission: Submission, secret: Secret) -> client.Reply:
    async with client.client_for_call() as gateway:
        return await gateway.create(submission.payload, secret, submission.api)


def _record_intent(owner: User, submission: Submission) -> tuple[Task, bool]:
    now = timezone.now()
    task = Task(
        pk=submission.idempotency_key,
        owner=owner,
        key=submission.key,
        origin=Task.Origin.CREATED,
        model=str(submission.params["model"]),
        prompt=str(submission.params["prompt"]),
        params=submission.params,
        api=submission.api,
        condition=states.SUBMITTING,
        condition_since=now,
        created_at=now,
    )
    try:
        writes.insert_task(task, tags=submission.tags)
    except IntegrityError:
        return Task.objects.get(pk=submission.idempotency_key, owner=owner), False
    return task, True


def _accept(task: Task, upstream_id: str, raw: str, raw_http_status: int | None) -> None:
    first_poll = timezone.now() + timedelta(seconds=settings.POLL_FIRST)
    with write_transaction():
        writes.set_fields(
            Task.objects.filter(pk=task.pk), raw=raw, raw_http_status=raw_http_status, raw_at=timezone.now()
        )
    try:
        _attach_upstream_id(task, upstream_id, first_poll, gettext_noop("Accepted by the gateway"))
    except IdTaken:
        # The gateway gave two videos the same ID: the other row has it, and this one shows the response.
        mark_unconfirmed(task, raw=raw, raw_http_status=raw_http_status)


def _track_another(task: Task, upstream_id: str, tags: Sequence[str]) -> None:
    """Tracks another task that the same request started."""
    now = timezone.now()
    another = Task(
        owner=task.owner,
        key=task.key,
        upstream_id=upstream_id,
        origin=Task.Origin.CREATED,
        model=task.model,
        prompt=task.prompt,
        params=task.params,
        api=task.api,
        created_at=now,
        next_poll_at=now + timedelta(seconds=settings.POLL_FIRST),
        deadline_at=now + deadline_for(task.model),
    )
    with suppress(IntegrityError):  # it is tracked already
        writes.insert_task(another, tags=tags)


def _attach_upstream_id(task: Task, upstream_id: str, first_poll: datetime, detail: str) -> bool:
    """Returns False if the task has an ID by now, or is gone. Raises IdTaken."""
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
            return _change_intent(task, fields, detail)
    except IntegrityError as error:
        with suppress(Task.DoesNotExist):
            task.refresh_from_db()
        raise IdTaken(upstream_id) from error


def _change_intent(task: Task, fields: dict[str, object], detail: str = "") -> bool:
    """Changes a task that has no ID yet, even if it changes meanwhile: its owner may label it."""
    return writes.update_with_retry(
        task, TaskEvent.Kind.CONDITION, fields, detail=detail, applies=lambda task: not task.upstream_id
    )


def attach_upstream_id(task: Task, upstream_id: str) -> bool:
    """Gives an unclear submission the ID that its owner found at the gateway. Returns False if it has one by now.

    Raises IdTaken.
    """
    if task.upstream_id or task.condition != states.UNCONFIRMED:
        return False
    return _attach_upstream_id(task, upstream_id, timezone.now(), gettext_noop("Task ID entered manually"))


def mark_unconfirmed(task: Task, *, raw: str, raw_http_status: int | None) -> bool:
    now = timezone.now()
    answer: dict[str, object] = {"raw": raw, "raw_http_status": raw_http_status, "raw_at": now}
    with write_transaction():
        return _change_intent(task, {"condition": states.UNCONFIRMED, "condition_since": now, **answer})


def mark_interrupted() -> int:
    """Marks intents as unclear if their sender stopped before it could save the response. Returns how many."""
    stuck = Task.objects.active().submitting_since(timezone.now() - SUBMISSION_TIMEOUT).without_texts()
    message = gettext_noop("The server stopped while the request was on its way. No response was saved.")
    return sum(mark_unconfirmed(task, raw=message, raw_http_status=None) for task in stuck)


def _delete_intent(task: Task) -> None:
    with write_transaction():
        writes.delete_tasks(Task.objects.filter(pk=task.pk, upstream_id=""))
