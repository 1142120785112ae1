"""Decides what a batch of polls means for keys, and for all tasks of those keys. Pure: takes polls, returns effects.

A refusal is confirmed if a request sent after it is refused as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from dashboard.keys import health
from dashboard.keys.health import KeyHealth
from dashboard.keys.models import ApiKey
from dashboard.polling import schedule
from dashboard.polling.polls import Poll
from dashboard.tasks.models import Task
from dashboard.upstream.errors import KeyRefused, RateLimited

CONFIRMED_BY: Final = timedelta(seconds=25)  # how long the key's other tasks wait while one poll checks a refusal


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as it was before the batch.

    `probes`: tasks whose polls may show whether the key works; `free_probes`: those not being polled right now. Two of
    each are enough, as at least one of them is not the polled task.
    """

    key: ApiKey
    health: KeyHealth
    probes: Sequence[UUID] = ()
    free_probes: Sequence[UUID] = ()

    def has_other_probe(self, task_id: UUID) -> bool:
        return any(probe != task_id for probe in self.probes)

    def other_free_probe(self, task_id: UUID) -> UUID | None:
        return next((probe for probe in self.free_probes if probe != task_id), None)


@dataclass(frozen=True, slots=True)
class Resume:
    """The key works: its waiting tasks are polled now."""

    key_id: UUID


@dataclass(frozen=True, slots=True)
class Defer:
    """The key is rate limited: its tasks are polled from `until` on, the polled one last."""

    key_id: UUID
    until: datetime
    task_id: UUID


@dataclass(frozen=True, slots=True)
class Pause:
    """The key may be refused: its tasks wait until `until`, except for the probe."""

    key_id: UUID
    until: datetime
    probe_id: UUID
    probe_at: datetime


@dataclass(frozen=True, slots=True)
class Suspend:
    """The key is refused: its tasks are not polled until it may be used again."""

    key_id: UUID
    detail: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The polled task is not polled again before `until`."""

    task_id: UUID
    until: datetime


TaskEffect = Resume | Defer | Pause | Suspend | Wait


@dataclass(frozen=True, slots=True)
class KeyEffects:
    """The health of each key after the batch, and what happens to tasks, in this order."""

    health: Mapping[UUID, KeyHealth]
    on_tasks: Sequence[TaskEffect]


def review(polls: Sequence[Poll], keys: Mapping[UUID, KnownKey], now: datetime, rng: Random) -> KeyEffects:
    """Returns the effects of all polls, in the order in which the polls were sent. `keys`: by ID."""
    known = dict(keys)
    on_tasks: list[TaskEffect] = []
    for poll in sorted(polls, key=lambda poll: poll.begun_at):
        key = known.get(poll.task.key_id) if poll.task.key_id else None
        if key is not None:
            after, effects = _review_poll(key, poll, now, rng)
            known[key.key.pk] = replace(key, health=after)
            on_tasks += effects
    return KeyEffects({key_id: key.health for key_id, key in known.items()}, on_tasks)


def _review_poll(known: KnownKey, poll: Poll, now: datetime, rng: Random) -> tuple[KeyHealth, list[TaskEffect]]:
    if poll.reply is not None:
        return _on_success(known, poll, now)
    if isinstance(poll.error, RateLimited):
        return _on_rate_limit(known, poll, poll.error, now, rng)
    if isinstance(poll.error, KeyRefused):
        return _on_refusal(known, poll, poll.error, now)
    return known.health, []


def _on_success(known: KnownKey, poll: Poll, now: datetime) -> tuple[KeyHealth, list[TaskEffect]]:
    if known.key.revoked_at is not None:
        return known.health, []
    after = health.after_success(known.health, poll.begun_at, now)
    ended_suspicion = known.health.refused_first_at is not None and after.refused_first_at is None
    return after, [Resume(known.key.pk)] if ended_suspicion else []


def _on_rate_limit(
    known: KnownKey, poll: Poll, error: RateLimited, now: datetime, rng: Random
) -> tuple[KeyHealth, list[TaskEffect]]:
    pause = schedule.rate_limit_pause(known.health.backoff_step, error.retry_after, rng)
    after = health.after_rate_limit(known.health, schedule.after(now, pause), now)
    assert after.backoff_until is not None
    return after, [Defer(known.key.pk, after.backoff_until, poll.task.pk)]


def _on_refusal(known: KnownKey, poll: Poll, error: KeyRefused, now: datetime) -> tuple[KeyHealth, list[TaskEffect]]:
    before = known.health
    is_refused = before.state == ApiKey.State.REFUSED or known.key.revoked_at is not None
    if is_refused or poll.begun_at <= before.state_since:
        return before, []  # already refused or revoked, or sent before the key's state last changed
    first_at = before.refused_first_at
    if first_at is None:
        # The key has worked since this task was refused, so this is about the task.
        if error.status == 403 and poll.task.refusals:
            return before, []
        until = schedule.after(now, schedule.CONFIRM)
        return health.after_first_refusal(before, now, until), _probe(known, poll, now)
    if poll.begun_at <= first_at:  # guard: earlier-refusal-confirms-nothing
        return before, [Wait(poll.task.pk, first_at + CONFIRMED_BY)]
    if error.status != 403 or _confirms(known, poll.task):
        return health.after_confirmed_refusal(before, now), [Suspend(known.key.pk, error.message)]
    return before, _probe(known, poll, now)


def _probe(known: KnownKey, poll: Poll, now: datetime) -> list[TaskEffect]:
    """Lets another task of the key check the refusal, if there is one. The rest wait."""
    soon, later = schedule.after(now, schedule.CONFIRM), now + CONFIRMED_BY
    other = known.other_free_probe(poll.task.pk)
    return [
        Pause(known.key.pk, later, other or poll.task.pk, soon),
        Wait(poll.task.pk, later if other else soon),
    ]


def _confirms(known: KnownKey, task: Task) -> bool:
    """Returns whether a 403, which may mean "not your task", confirms that the key is refused.

    It does if the key has worked for this task before, or if it isn't known to work and there is no other probe.
    """
    if task.polled_at is not None:
        return True
    return known.health.state != ApiKey.State.WORKS and not known.has_other_probe(task.pk)
