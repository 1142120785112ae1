"""Settles a batch of polls in one transaction: first what they tell about keys, then about their tasks."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import DataError, IntegrityError, connection
from django.db import Error as DatabaseError

from dashboard import failpoints
from dashboard.database import write_transaction
from dashboard.keys import health
from dashboard.keys.models import ApiKey
from dashboard.polling import schedule
from dashboard.polling.polls import Poll
from dashboard.polling.schedule import PollConfig
from dashboard.polling.transitions import KeyRest, TransitionDecider
from dashboard.tasks import batch_writes, states, suspension
from dashboard.tasks.batch_writes import PendingWrite, WriteStats
from dashboard.tasks.models import Task
from dashboard.upstream.errors import KeyRefused, RateLimited

logger = logging.getLogger(__name__)

CONFIRMED_BY = timedelta(seconds=25)  # while one poll confirms a refusal, the key's other tasks wait this long


def write_back(batch: Sequence[Poll], plan: PollConfig, now: datetime, rng: Random) -> WriteStats:
    """Writes what the polls found. A poll that can't be settled is logged and counts as a failure of its task alone.

    Raises a DatabaseError when the database is out of order; then nothing was written.
    """
    try:
        return _write_batch(batch, plan, now, rng)
    except Exception as error:
        if isinstance(error, DatabaseError) and not _is_row_error(error):
            raise
        if len(batch) > 1:
            return _one_by_one(batch, plan, now, rng)
        logger.exception("poll of task %s could not be settled", batch[0].task.pk)
        spoilt = Poll(batch[0].task, batch[0].begun_at, error=error)
        return batch_writes.write_back([PendingWrite(spoilt.task, TransitionDecider(spoilt, plan, now, rng))])


def _is_row_error(error: DatabaseError) -> bool:
    """A value that does not fit, say; other errors speak of the database, and of every row."""
    return isinstance(error, DataError | IntegrityError)


def _one_by_one(batch: Sequence[Poll], plan: PollConfig, now: datetime, rng: Random) -> WriteStats:
    whole = WriteStats()
    for poll in batch:
        whole.add(write_back([poll], plan, now, rng))
    return whole


def _write_batch(batch: Sequence[Poll], plan: PollConfig, now: datetime, rng: Random) -> WriteStats:
    with write_transaction():
        _lock_rows(batch)
        standings = KeyHealth(now, rng).review(batch)
        made = [
            PendingWrite(poll.task, TransitionDecider(poll, plan, now, rng, standings.get(poll.task.pk, KeyRest())))
            for poll in batch
        ]
        tally = batch_writes.write_back(made)
        failpoints.hit("before_commit")
    failpoints.hit("after_commit")
    return tally


def _lock_rows(batch: Sequence[Poll]) -> None:
    """Locks the batch's rows in the order in which everybody locks rows, so that nobody waits in a circle."""
    if connection.features.has_select_for_update:
        ids = [poll.task.pk for poll in batch]
        list(Task.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


@dataclass(slots=True)
class KeyHealth:
    """What a batch tells about keys. A refusal is believed when a request sent after it is refused as well."""

    now: datetime
    rng: Random
    not_before: dict[UUID, KeyRest] = field(default_factory=dict)  # by task

    def review(self, batch: Sequence[Poll]) -> dict[UUID, KeyRest]:
        troubled = any(isinstance(poll.error, KeyRefused | RateLimited) for poll in batch)
        keys = ApiKey.objects.filter(pk__in={poll.task.key_id for poll in batch}).order_by("pk")
        by_id = {key.pk: key for key in (keys.select_for_update(no_key=True) if troubled else keys)}
        for poll in sorted(batch, key=lambda poll: poll.begun_at):
            key = by_id.get(poll.task.key_id) if poll.task.key_id else None
            if key is not None:
                self._review_poll(key, poll)
        return self.not_before

    def _review_poll(self, key: ApiKey, poll: Poll) -> None:
        if poll.reply is not None:
            if health.record_success(key, poll.begun_at, self.now):
                suspension.resume(key, self.now)
        elif isinstance(poll.error, RateLimited):
            pause = schedule.rate_limit_pause(key.backoff_step, poll.error.retry_after, self.rng)
            until = health.back_off(key, schedule.after(self.now, pause), self.now)
            self._wait_until(poll, suspension.defer(key, until))
        elif isinstance(poll.error, KeyRefused):
            self._refused(key, poll, poll.error)

    def _refused(self, key: ApiKey, poll: Poll, error: KeyRefused) -> None:
        known = key.state == ApiKey.State.REFUSED or key.revoked_at is not None
        if known or poll.begun_at <= key.state_since:
            return  # sent before the key was tested, replaced, or given up
        first_at = key.refused_first_at
        if first_at is None:
            # The key has worked since this task was refused: this is about the task.
            if error.status != 403 or poll.task.refusals == 0:
                self._suspect(key, poll)
        elif poll.begun_at <= first_at:  # guard: earlier-refusal-confirms-nothing
            self._wait_until(poll, first_at + CONFIRMED_BY)
        elif error.status != 403 or self._confirms(key, poll.task):
            health.mark_refused(key, self.now)
            suspension.suspend(key, states.KEY_REFUSED, self.now, error.message)
        else:
            self._probe(key, poll)

    def _suspect(self, key: ApiKey, poll: Poll) -> None:
        health.record_first_refusal(key, self.now, schedule.after(self.now, schedule.CONFIRM))
        self._probe(key, poll)

    def _probe(self, key: ApiKey, poll: Poll) -> None:
        """Another task of the key, if there is one, finds out; the rest waits."""
        soon, later = schedule.after(self.now, schedule.CONFIRM), self.now + CONFIRMED_BY
        other = Task.objects.probes(key).exclude(pk=poll.task.pk).unleased().first()
        suspension.pause(key, later, other.pk if other else poll.task.pk, soon)
        self._wait_until(poll, later if other else soon)

    def _confirms(self, key: ApiKey, task: Task) -> bool:
        """403 may mean "not your task". It is about the key if the key has worked for this very task before, or if
        there is nothing left that it might work for."""
        if task.polled_at is not None:
            return True
        return key.state != ApiKey.State.WORKS and not Task.objects.probes(key).exclude(pk=task.pk).exists()

    def _wait_until(self, poll: Poll, until: datetime) -> None:
        self.not_before[poll.task.pk] = KeyRest(not_before=until)
