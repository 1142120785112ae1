"""A task of the demo gateway: a timeline of steps. Its status is derived from the clock, so nothing updates it."""

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
    """Why a task failed, in every form that a dialect may need: a number, a code, a message."""

    number: int
    code: str
    message: str


@dataclass(slots=True)
class Task:
    """`steps` are in chronological order. The first is the task's creation; those in the future are planned."""

    id: str
    row: int
    owner: str
    model: Model
    prompt: str
    video: str
    asked: Mapping[str, object]
    failure: Failure
    steps: list[Step]
    details: Mapping[str, object] = field(default_factory=dict)
    has_reported_end: bool = False  # a terminal status was sent; faults that take it back need to know

    @property
    def created_at(self) -> float:
        """Wall seconds."""
        return self.steps[0].at

    def status(self, now: float) -> str:
        """Returns the status at the wall time `now`."""
        return self.reached(now)[-1].status

    def reached(self, now: float) -> list[Step]:
        """Returns the steps taken until `now`; never empty."""
        return [step for step in self.steps if step.at <= now] or self.steps[:1]

    def entered(self, now: float, *statuses: str) -> float | None:
        """Returns when the task last entered one of the statuses, or None if it hasn't by `now`."""
        return next((step.at for step in reversed(self.reached(now)) if step.status in statuses), None)

    def progress(self, now: float) -> int:
        """Returns 0 to 100: grows while in progress, 100 once completed or failed."""
        status = self.status(now)
        if status == QUEUED:
            return 0
        if status != RUNNING:
            return 100
        start = self.entered(now, RUNNING) or now
        end = next((step.at for step in self.steps if step.at > now), start + FOREVER)
        return max(1, min(99, int(100 * (now - start) / max(end - start, 0.001))))

    def move(self, status: str, now: float) -> None:
        """Gives the task this status from now on, and drops its planned steps."""
        self.steps = [*self.reached(now), Step(now, status)]


def plan(now: float, queued_for: float, running_for: float, outcome: str) -> list[Step]:
    """Returns the steps of a task that is created now; both durations are in seconds."""
    started = now + queued_for
    return [Step(now, QUEUED), Step(started, RUNNING), Step(started + running_for, outcome)]


def history(now: float, queued_for: float, running_for: float, status: str) -> list[Step]:
    """Returns the steps of a task that has just entered `status`, with no further steps planned."""
    if status == QUEUED:
        return [Step(now, QUEUED)]
    if status == RUNNING:
        return [Step(now - queued_for, QUEUED), Step(now, RUNNING)]
    started = now - running_for
    return [Step(started - queued_for, QUEUED), Step(started, RUNNING), Step(now, status)]


def life_span(model: Model, rng: random.Random, pace: float) -> tuple[float, float]:
    """Returns plausible times (in seconds) that a task of this model is queued and then runs, scaled by `pace`."""
    queued, running = rng.uniform(2.0, 6.0), rng.uniform(8.0, 25.0)
    if "instant" in model.options:
        return 0.0, 0.0
    if "fast" in model.options:
        return 0.4 * pace, 0.8 * pace
    if "stuck" in model.options:
        return queued * pace, FOREVER
    stretch = 5.0 if "slow" in model.options else 1.0
    return queued * stretch * pace, running * stretch * pace
