"""One task of the demo gateway: its life as steps on a time line, read from the clock instead of being driven."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.demo.options import Model

QUEUED, RUNNING, COMPLETED, FAILED = "queued", "in_progress", "completed", "failed"
STATUSES = (QUEUED, RUNNING, COMPLETED, FAILED)
FOREVER = 10.0**9


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` (wall seconds) on, the task has this status."""

    at: float
    status: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed, in every form that a dialect may want: a number, a word, a sentence."""

    number: int
    code: str
    message: str


@dataclass(slots=True)
class Task:
    """A job. `steps` are in order of time; the first is the task's creation, future ones are still plans."""

    id: str
    row: int
    owner: str
    model: Model
    prompt: str
    video: str
    asked: Mapping[str, object]
    failure: Failure
    steps: list[Step]
    facts: Mapping[str, object] = field(default_factory=dict)
    told_done: bool = False  # somebody was answered a terminal status; faults that go back on it need to know

    @property
    def created_at(self) -> float:
        """Wall seconds."""
        return self.steps[0].at

    def status(self, now: float) -> str:
        """The status at the wall time `now`."""
        return self.reached(now)[-1].status

    def reached(self, now: float) -> list[Step]:
        """The steps taken until `now`; never empty."""
        return [step for step in self.steps if step.at <= now] or self.steps[:1]

    def entered(self, now: float, *statuses: str) -> float | None:
        """When the task last came to one of the statuses, or None if it has not by `now`."""
        return next((step.at for step in reversed(self.reached(now)) if step.status in statuses), None)

    def progress(self, now: float) -> int:
        """0 to 100: grows while in progress, 100 once completed or failed."""
        status = self.status(now)
        if status == QUEUED:
            return 0
        if status != RUNNING:
            return 100
        start = self.entered(now, RUNNING) or now
        end = next((step.at for step in self.steps if step.at > now), start + FOREVER)
        return max(1, min(99, int(100 * (now - start) / max(end - start, 0.001))))

    def move(self, status: str, now: float) -> None:
        """Give the task this status from now on, and drop what was planned for it."""
        self.steps = [*self.reached(now), Step(now, status)]


def plan(now: float, queued_for: float, running_for: float, outcome: str) -> list[Step]:
    """The steps of a life that starts now; both durations in seconds."""
    started = now + queued_for
    return [Step(now, QUEUED), Step(started, RUNNING), Step(started + running_for, outcome)]


def history(now: float, queued_for: float, running_for: float, status: str) -> list[Step]:
    """The steps of a life that has just come to `status`; nothing is planned after it."""
    if status == QUEUED:
        return [Step(now, QUEUED)]
    if status == RUNNING:
        return [Step(now - queued_for, QUEUED), Step(now, RUNNING)]
    started = now - running_for
    return [Step(started - queued_for, QUEUED), Step(started, RUNNING), Step(now, status)]


def life_span(model: Model, rng: random.Random, pace: float) -> tuple[float, float]:
    """How long (seconds) a task of this model is queued and then runs, believably, scaled by `pace`."""
    queued, running = rng.uniform(2.0, 6.0), rng.uniform(8.0, 25.0)
    if "instant" in model.options:
        return 0.0, 0.0
    if "fast" in model.options:
        return 0.4 * pace, 0.8 * pace
    if "stuck" in model.options:
        return queued * pace, FOREVER
    stretch = 5.0 if "slow" in model.options else 1.0
    return queued * stretch * pace, running * stretch * pace
