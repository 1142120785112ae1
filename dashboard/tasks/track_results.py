"""Tracks pasted IDs, with one result for every piece, independent of the others.

Every ID is looked up first, so that its row shows what the gateway says. If the gateway can't be reached and it is
clear which key to use, the task is tracked anyway, and its row says that it is being checked.
"""

import asyncio
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from django.urls import reverse
from django.utils.translation import gettext

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
from dashboard.upstream.error_texts import localized
from dashboard.upstream.secret import Secret

MAX_CONCURRENT = 10  # IDs that are looked up at the same time


@dataclass(frozen=True, slots=True)
class TrackResult:
    """The result for one piece. `kind` is added, known, malformed, prompt, not_found or failed; the text of the last
    four stays in the form.

    `anyway_key` is the key that an ID unknown to the gateway may be tracked with anyway.
    """

    text: str
    kind: str
    message: str
    href: str = ""
    anyway_key: str = ""

    @property
    def is_kept(self) -> bool:
        return self.kind in {"malformed", "prompt", "not_found", "failed"}


@dataclass(frozen=True, slots=True)
class Found:
    """The key for an ID, and the gateway's reply with it; None if it wasn't asked, or couldn't be."""

    key: ApiKey
    reply: client.Reply | None = None


def track(
    owner: User, pieces: list[PastedId], keys: list[ApiKey], chosen_key: ApiKey | None, *, anyway: bool = False
) -> list[TrackResult]:
    """`keys` are the member's usable ones; each is tried for each ID unless one is chosen. `anyway` tracks the IDs
    without looking them up, if a key is chosen or there is only one."""
    known = {task.upstream_id: task for task in _known_tasks(owner, pieces)}
    only = chosen_key or (keys[0] if len(keys) == 1 else None)
    wanted = [one.task_id for one in pieces if one.task_id and one.task_id not in known]
    found: dict[str, Found | TrackResult]
    found = dict.fromkeys(wanted, Found(only)) if only and anyway else _look_up(wanted, keys, only)
    return [_track_one(owner, one, known.get(one.task_id), found.get(one.task_id), chosen_key) for one in pieces]


def _look_up(ids: list[str], keys: list[ApiKey], only: ApiKey | None) -> dict[str, Found | TrackResult]:
    secrets, problem = _opened([only] if only else keys)
    release_connection()
    return async_to_sync(_look_up_async)(ids, _Lookup(secrets, only, problem))


def _known_tasks(owner: User, pieces: list[PastedId]) -> list[Task]:
    ids = [one.task_id for one in pieces if one.task_id]
    return list(Task.objects.owned_by(owner).filter(upstream_id__in=ids).select_related("key").without_texts())


def _track_one(
    owner: User, one: PastedId, known: Task | None, found: Found | TrackResult | None, chosen_key: ApiKey | None
) -> TrackResult:
    if one.problem:
        return TrackResult(one.text, "prompt" if one.is_prompt else "malformed", one.problem)
    if known is not None:
        return _known_result(one, known, chosen_key)
    if isinstance(found, TrackResult):
        return found
    assert found is not None
    task, is_new = actions.track(owner, found.key, one.task_id, found.reply)
    if not is_new:
        return _known_result(one, task, chosen_key)
    message = gettext("was added to the board.")
    if not found.reply:
        message = gettext("was added to the board. Checking its status…")
    return TrackResult(one.text, "added", message, reverse("task", args=[task.pk]))


def _known_result(one: PastedId, task: Task, chosen_key: ApiKey | None) -> TrackResult:
    href = reverse("task", args=[task.pk])
    if task.removed_at and actions.restore([task]):
        return TrackResult(one.text, "added", gettext("was restored from Removed."), href)
    stuck = task.condition in {states.KEY_REFUSED, states.NO_KEY, states.NOT_FOUND}
    if chosen_key is not None and stuck and not task.is_terminal and actions.change_key(task, chosen_key):
        message = gettext("was already tracked; it now uses the key %(key)s.") % {"key": chosen_key.label}
        return TrackResult(one.text, "known", message, href)
    return TrackResult(one.text, "known", gettext("is already tracked."), href)


@dataclass(slots=True)
class _Lookup:
    """`problem`: why a key couldn't be tried. `is_down`: the gateway didn't respond, so other lookups don't wait."""

    secrets: list[tuple[ApiKey, Secret]]
    only: ApiKey | None
    problem: str = ""
    is_down: bool = False


async def _look_up_async(ids: list[str], lookup: _Lookup) -> dict[str, Found | TrackResult]:
    """Returns, by ID, the first key that the gateway shows the task to, trying each key once; or a result that says why
    there is none."""
    semaphore = asyncio.Semaphore(MAX_CONCURRENT)
    async with client.client_for_call() as gateway:

        async def one(task_id: str) -> Found | TrackResult:
            async with semaphore:
                return await _look_up_one(gateway, task_id, lookup)

        return dict(zip(ids, await asyncio.gather(*map(one, ids)), strict=True))


def _opened(keys: list[ApiKey]) -> tuple[list[tuple[ApiKey, Secret]], str]:
    """Returns the keys with their secrets, and the problem if one can't be opened; the others are tried anyway."""
    secrets, problem = [], ""
    for key in keys:
        try:
            secrets.append((key, key_actions.open_secret(key)))
        except usage.KeyUnusable:
            continue
        except SealBroken as error:
            problem = _of_key(key, error)
    return secrets, problem or ("" if secrets else gettext("None of your keys can be used."))


def _of_key(key: ApiKey, error: SealBroken | errors.KeyRefused) -> str:
    return gettext("%(key)s: %(problem)s") % {"key": key.label, "problem": localized(error.message)}


async def _look_up_one(gateway: client.Client, task_id: str, lookup: _Lookup) -> Found | TrackResult:
    problem, refused = lookup.problem, ""
    for key, secret in [] if lookup.is_down else lookup.secrets:
        try:
            return Found(key, await gateway.retrieve(task_id, secret))
        except errors.TaskNotFound:
            continue
        except errors.KeyRefused as error:
            refused = _of_key(key, error)
        except errors.UpstreamError as error:
            problem = localized(error.message)
            lookup.is_down |= isinstance(error, errors.Unavailable | errors.TimedOut)
    if lookup.only and (problem or refused or lookup.is_down):
        return Found(lookup.only)  # nothing says that there is no such task; the row will show the problem
    if problem or lookup.is_down:
        problem = problem or gettext("The gateway isn't responding.")
        words = gettext("couldn't be looked up: %(problem)s Select its key to track it anyway.")
        return TrackResult(task_id, "failed", words % {"problem": problem})
    if refused and len(lookup.secrets) == 1:
        return TrackResult(task_id, "failed", gettext("couldn't be looked up: %(problem)s") % {"problem": refused})
    if lookup.only:
        words = gettext("isn't known to the gateway with the key %(key)s. Check the ID, or")
        return TrackResult(task_id, "not_found", words % {"key": lookup.only.label}, anyway_key=str(lookup.only.pk))
    words = gettext("wasn't found with any of your keys. Check the ID, or select its key.")
    return TrackResult(task_id, "not_found", words)
