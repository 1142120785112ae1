"""Decides how one poll changes its task: fields, condition and the time of the next poll. Pure.

Only an answer with a terminal status ends a task. A failure leaves the status alone and, if it persists, sets the
condition. A terminal task is polled only when a member refreshes it, so no next poll is scheduled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dashboard.keys.sealing import SealBroken
from dashboard.polling import schedule
from dashboard.polling.polls import NoKey, Poll
from dashboard.polling.schedule import PollConfig
from dashboard.tasks import answer_fields, states
from dashboard.tasks.answer_fields import Change
from dashboard.tasks.models import Task
from dashboard.upstream.errors import KeyRefused, Misconfigured, RateLimited, TaskNotFound, Unavailable, UpstreamError

REFUSALS_UNTIL_SUSPENDED = 2  # refusals of one task whose key works for others


@dataclass(frozen=True, slots=True)
class TransitionDecider:
    """Decides the change for one poll. May be called more than once, as the row may have changed since the claim.

    `not_before`: the earliest next poll, if the batch paused the task's key.
    """

    poll: Poll
    config: PollConfig
    now: datetime
    rng: Random
    not_before: datetime | None = None

    def __call__(self, task: Task) -> Change:
        change = self._on_failure(task, self.poll.error) if self.poll.error else self._on_reply(task)
        if task.is_terminal or change.fields.get("status") in states.TERMINAL:
            change.fields |= {"next_poll_at": None, "failures": 0, "refusals": 0}
            answer_fields.set_condition(change, task, states.FINE, self.now)
        return change

    def _on_reply(self, task: Task) -> Change:
        reply = self.poll.reply
        assert reply is not None
        change = answer_fields.apply_reply(task, reply, self.now)
        change.fields |= {"polled_at": self.now, "failures": 0, "refusals": 0, "next_poll_at": self._next(task)}
        ended = task.is_terminal or change.fields.get("status") in states.TERMINAL
        overdue = not ended and self.now >= self._deadline(task)
        answer_fields.set_condition(change, task, states.OVERDUE if overdue else states.FINE, self.now)
        return change

    def _on_failure(self, task: Task, error: Exception) -> Change:
        if task.is_terminal:
            return Change()
        match error:
            case NoKey():
                return self._without_key(task)
            case SealBroken():
                return self._sealed(task, error)
            case TaskNotFound():
                return self._task_not_found(task, error)
            case KeyRefused():
                return self._key_refused(task, error)
            case RateLimited():
                return Change({"next_poll_at": self.not_before or self._later(task, schedule.CONFIRM)})
            case Misconfigured():
                return self._unavailable(task, error, states.MISCONFIGURED)
            case Unavailable():
                return self._unavailable(task, error, states.UNREACHABLE)
            case _:
                return self._invalid_response(task, error)

    def _without_key(self, task: Task) -> Change:
        change = Change({"next_poll_at": None})
        answer_fields.set_condition(change, task, states.NO_KEY, self.now)
        return change

    def _sealed(self, task: Task, error: SealBroken) -> Change:
        """If the key is replaced, the task is polled at once; if the keyring is fixed, at the next scheduled poll."""
        change = Change({"next_poll_at": self._later(task, schedule.QUARANTINE)})
        answer_fields.set_condition(change, task, states.NO_KEY, self.now, error.message)
        return change

    def _task_not_found(self, task: Task, error: TaskNotFound) -> Change:
        change = Change({"next_poll_at": self._next(task), "failures": 0, "refusals": 0, **_raw_fields(error)})
        if self.now - task.created_at < schedule.REPLICA_LAG:  # guard: young-404-is-replica-lag
            return change
        if task.condition == states.NOT_FOUND and change.fields["next_poll_at"]:
            change.fields["next_poll_at"] = self._later(task, schedule.slow_interval(self.config), steady=True)
        answer_fields.set_condition(change, task, states.NOT_FOUND, self.now, error.message)
        return change

    def _key_refused(self, task: Task, error: KeyRefused) -> Change:
        """`not_before` is set if this affects the key. A 403 may mean that only this task is refused."""
        refusals = task.refusals + 1 if error.status == 403 else task.refusals
        change = Change({"refusals": refusals, **_raw_fields(error)})
        if refusals >= REFUSALS_UNTIL_SUSPENDED and self.not_before is None:
            change.fields["next_poll_at"] = self._later(task, schedule.slow_interval(self.config), steady=True)
            answer_fields.set_condition(change, task, states.KEY_REFUSED, self.now, error.message)
        else:
            change.fields["next_poll_at"] = self.not_before or self._later(task, schedule.CONFIRM)
        return change

    def _unavailable(self, task: Task, error: UpstreamError, condition: str) -> Change:
        failures = task.failures + 1
        pause = schedule.retry_pause(failures, self.config.every, self.rng)
        change = Change({"failures": failures, "next_poll_at": self._later(task, pause), **_raw_fields(error)})
        if failures >= schedule.FAILURES_UNTIL_UNREACHABLE:
            answer_fields.set_condition(change, task, condition, self.now, error.message)
        return change

    def _invalid_response(self, task: Task, error: Exception) -> Change:
        """Handles a response without a state. It doesn't end the task, which becomes overdue eventually."""
        failures = task.failures + 1
        pause = self._pause_after_invalid(task, error, failures)
        change = Change({"failures": failures, "next_poll_at": self._later(task, pause), **_raw_fields(error)})
        if self.now >= self._deadline(task):
            answer_fields.set_condition(change, task, states.OVERDUE, self.now)
        elif failures >= schedule.FAILURES_UNTIL_SILENT and isinstance(error, UpstreamError):
            answer_fields.set_condition(change, task, states.SILENT, self.now, error.message)
        return change

    def _pause_after_invalid(self, task: Task, error: Exception, failures: int) -> float:
        if failures < schedule.FAILURES_UNTIL_QUARANTINE:
            return schedule.retry_pause(failures, self.config.every, self.rng)
        is_watched = isinstance(error, UpstreamError) and self._next(task) is not None
        return schedule.jittered(schedule.slow_interval(self.config), self.rng) if is_watched else schedule.QUARANTINE

    def _deadline(self, task: Task) -> datetime:
        return task.deadline_at or task.created_at + timedelta(seconds=self.config.deadline_of(task.model))

    def _next(self, task: Task) -> datetime | None:
        return schedule.next_poll(task.created_at, self._deadline(task), self.now, self.config, self.rng)

    def _later(self, task: Task, seconds: float, *, steady: bool = False) -> datetime:
        """Returns the time in `seconds`, but for an overdue task not before its slow interval.

        `steady`: adds jitter to `seconds` instead.
        """
        if steady:
            seconds = schedule.jittered(seconds, self.rng)
        elif self.now >= self._deadline(task):
            seconds = max(seconds, schedule.jittered(schedule.slow_interval(self.config), self.rng))
        return schedule.after(self.now, seconds)


def _raw_fields(error: Exception) -> dict[str, object]:
    """Stores an invalid response for the task's page. Without a response, the last one stays."""
    raw = error.raw if isinstance(error, UpstreamError) else None
    return answer_fields.raw_fields(raw) if raw is not None and raw.status is not None else {}
