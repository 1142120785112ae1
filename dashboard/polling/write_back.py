"""Writes a batch of polls in one transaction: polls -> effects on keys -> changes to tasks -> rows."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from uuid import UUID

from django.db import DataError, IntegrityError, connection
from django.db import Error as DatabaseError

from dashboard import failpoints
from dashboard.database import write_transaction
from dashboard.keys import health
from dashboard.keys.health import KeyHealth
from dashboard.keys.models import ApiKey
from dashboard.polling import key_effects
from dashboard.polling.key_effects import Defer, KeyEffects, KnownKey, Pause, Resume, Suspend, Wait
from dashboard.polling.polls import Poll
from dashboard.polling.schedule import PollConfig
from dashboard.polling.transitions import TransitionDecider
from dashboard.tasks import states, suspension, writes
from dashboard.tasks.models import Task, TaskQuerySet
from dashboard.tasks.writes import PendingWrite, WriteStats
from dashboard.upstream.errors import KeyRefused, RateLimited

logger = logging.getLogger(__name__)


def write_back(batch: Sequence[Poll], config: PollConfig, now: datetime, rng: Random) -> WriteStats:
    """Writes the results of polls. If one can't be written, it is logged and counts as a failed poll of its task only.

    Raises a DatabaseError, and writes nothing, if the database is down.
    """
    try:
        return _write_batch(batch, config, now, rng)
    except Exception as error:
        if isinstance(error, DatabaseError) and not _is_row_error(error):
            raise
        if len(batch) > 1:
            return _write_one_by_one(batch, config, now, rng)
        logger.exception("poll of task %s could not be written", batch[0].task.pk)
        failed = Poll(batch[0].task, batch[0].begun_at, error=error)
        return writes.write_polls([PendingWrite(failed.task, TransitionDecider(failed, config, now, rng))])


def _is_row_error(error: DatabaseError) -> bool:
    """Returns whether an error is about one row, such as a value too long; others are about the whole database."""
    return isinstance(error, DataError | IntegrityError)


def _write_one_by_one(batch: Sequence[Poll], config: PollConfig, now: datetime, rng: Random) -> WriteStats:
    stats = WriteStats()
    for poll in batch:
        stats.add(write_back([poll], config, now, rng))
    return stats


def _write_batch(batch: Sequence[Poll], config: PollConfig, now: datetime, rng: Random) -> WriteStats:
    with write_transaction():
        _lock_rows(batch)
        keys = {known.key.pk: known for known in _known_keys(batch)}
        effects = key_effects.review(batch, keys, now, rng)
        not_before = _apply_effects(effects, keys, now)
        pending = [
            PendingWrite(poll.task, TransitionDecider(poll, config, now, rng, not_before.get(poll.task.pk)))
            for poll in batch
        ]
        stats = writes.write_polls(pending)
        failpoints.hit("before_commit")
    failpoints.hit("after_commit")
    return stats


def _lock_rows(batch: Sequence[Poll]) -> None:
    """Locks the batch's rows in the order used everywhere, which prevents deadlocks."""
    if connection.features.has_select_for_update:
        ids = [poll.task.pk for poll in batch]
        list(Task.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _known_keys(batch: Sequence[Poll]) -> Iterator[KnownKey]:
    """Yields the keys of the batch, locked if any poll was refused or rate limited.

    A key has probes only if one of its polls was refused and the key isn't known to be refused yet.
    """
    has_errors = any(isinstance(poll.error, KeyRefused | RateLimited) for poll in batch)
    refused = {poll.task.key_id for poll in batch if isinstance(poll.error, KeyRefused)}
    keys = ApiKey.objects.filter(pk__in={poll.task.key_id for poll in batch}).order_by("pk")
    for key in keys.select_for_update(no_key=True) if has_errors else keys:
        before = KeyHealth.of(key)
        if key.pk not in refused or key.state == ApiKey.State.REFUSED:
            yield KnownKey(key, before)
        else:
            probes, free = Task.objects.probes(key), Task.objects.probes(key).unleased()
            yield KnownKey(key, before, probes=_first_two(probes), free_probes=_first_two(free))


def _first_two(tasks: TaskQuerySet) -> list[UUID]:
    return [*tasks.values_list("pk", flat=True)[:2]]


def _apply_effects(effects: KeyEffects, keys: Mapping[UUID, KnownKey], now: datetime) -> dict[UUID, datetime]:
    """Writes the keys and reschedules their other tasks. Returns the earliest time of the next poll by polled task."""
    for key_id, after in effects.health.items():
        health.save(keys[key_id].key, after)
    not_before: dict[UUID, datetime] = {}
    for effect in effects.on_tasks:
        match effect:
            case Resume(key_id):
                suspension.resume(keys[key_id].key, now)
            case Defer(key_id, until, task_id):
                not_before[task_id] = suspension.defer(keys[key_id].key, until)
            case Pause(key_id, until, probe_id, probe_at):
                suspension.pause(keys[key_id].key, until, probe_id, probe_at)
            case Suspend(key_id, detail):
                suspension.suspend(keys[key_id].key, states.KEY_REFUSED, now, detail)
            case Wait(task_id, until):
                not_before[task_id] = until
    return not_before
