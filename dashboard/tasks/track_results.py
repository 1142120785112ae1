"""Tracking what was pasted: one result for every piece, whatever becomes of the others."""

import asyncio
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from django.urls import reverse

from dashboard.accounts.models import User
from dashboard.database import release_connection
from dashboard.keys import actions as key_actions
from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.keys.sealing import SealBroken
from dashboard.tasks import actions, states
from dashboard.tasks.models import Task
from dashboard.tasks.pasted_ids import PastedId
from dashboard.upstream import client, errors
from dashboard.upstream.secret import Secret

MAX_CONCURRENT = 10  # ids that are looked for at the same time


@dataclass(frozen=True, slots=True)
class TrackResult:
    """What became of one piece. `kind`: added known malformed not_found failed; the last three keep the text."""

    text: str
    kind: str
    message: str
    href: str = ""

    @property
    def is_kept(self) -> bool:
        return self.kind in {"malformed", "not_found", "failed"}


def track(owner: User, pieces: list[PastedId], keys: list[ApiKey], chosen_key: ApiKey | None) -> list[TrackResult]:
    """`keys` are the member's usable ones; with `chosen_key`, or only one, no key has to be looked for."""
    known = {task.upstream_id: task for task in _known_tasks(owner, pieces)}
    only = chosen_key or (keys[0] if len(keys) == 1 else None)
    wanted = [one.task_id for one in pieces if one.task_id and one.task_id not in known]
    found: dict[str, ApiKey | TrackResult]
    found = dict.fromkeys(wanted, only) if only else _detect_keys(wanted, keys)
    return [_track_one(owner, one, known.get(one.task_id), found.get(one.task_id), chosen_key) for one in pieces]


def _detect_keys(ids: list[str], keys: list[ApiKey]) -> dict[str, ApiKey | TrackResult]:
    secrets, problem = _opened(keys)
    release_connection()
    return async_to_sync(_find_keys_async)(ids, secrets, problem)


def _known_tasks(owner: User, pieces: list[PastedId]) -> list[Task]:
    ids = [one.task_id for one in pieces if one.task_id]
    return list(Task.objects.owned_by(owner).filter(upstream_id__in=ids).select_related("key").without_texts())


def _track_one(
    owner: User, one: PastedId, known: Task | None, key: ApiKey | TrackResult | None, chosen_key: ApiKey | None
) -> TrackResult:
    if one.problem:
        return TrackResult(one.text, "malformed", one.problem)
    if known is not None:
        return _known_result(one, known, chosen_key)
    if isinstance(key, TrackResult):
        return key
    assert key is not None
    task, is_new = actions.track(owner, key, one.task_id)
    if not is_new:
        return _known_result(one, task, chosen_key)
    return TrackResult(one.text, "added", "is on the board now.", reverse("task", args=[task.pk]))


def _known_result(one: PastedId, task: Task, chosen_key: ApiKey | None) -> TrackResult:
    href = reverse("task", args=[task.pk])
    stuck = task.condition in {states.KEY_REFUSED, states.NO_KEY, states.NOT_FOUND}
    if chosen_key is not None and stuck and not task.is_terminal and actions.change_key(task, chosen_key):
        return TrackResult(one.text, "known", f"was tracked already, and is watched with {chosen_key.label} now.", href)
    return TrackResult(one.text, "known", "is tracked already.", href)


async def _find_keys_async(
    ids: list[str], secrets: list[tuple[ApiKey, Secret]], problem: str
) -> dict[str, ApiKey | TrackResult]:
    """For each id the first key that the gateway shows it to, each key tried once; or the line that says why not."""
    semaphore = asyncio.Semaphore(MAX_CONCURRENT)
    async with client.client_for_call() as gateway:

        async def one(task_id: str) -> ApiKey | TrackResult:
            async with semaphore:
                return await _find_key(gateway, task_id, secrets, problem)

        return dict(zip(ids, await asyncio.gather(*map(one, ids)), strict=True))


def _opened(keys: list[ApiKey]) -> tuple[list[tuple[ApiKey, Secret]], str]:
    """The keys with their secrets, and what is wrong with one that does not open: the others are tried all the same."""
    secrets, problem = [], ""
    for key in keys:
        try:
            secrets.append((key, key_actions.open_secret(key)))
        except usage.KeyUnusable:
            continue
        except SealBroken as error:
            problem = f"{key.label}: {error.message}"
    return secrets, problem


async def _find_key(
    gateway: client.Client, task_id: str, secrets: list[tuple[ApiKey, Secret]], problem: str
) -> ApiKey | TrackResult:
    for key, secret in secrets:
        try:
            await gateway.retrieve(task_id, secret)
        except (errors.TaskNotFound, errors.KeyRefused):
            continue
        except errors.UpstreamError as error:
            problem = error.message
        else:
            return key
    if problem:
        return TrackResult(task_id, "failed", f"could not be looked for: {problem} Pick its key to track it anyway.")
    return TrackResult(task_id, "not_found", "was not found with any of your keys. Check it, or pick its key.")
