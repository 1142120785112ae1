"""The campaign's rounds: tasks progress while the processes that work on them are killed again and again."""

import itertools
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import connections
from django.db.models import F

from dashboard.accounts.models import User
from dashboard.demo.options import DIALECTS
from dashboard.keys import actions as key_actions
from dashboard.tasks import actions, states, submission
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream.secret import Secret
from tests.faults import crash_targets, oracle
from tests.faults.forks import ended, forked, killed
from tests.faults.kill_on_request import Trap
from tests.faults.oracle import Findings
from tests.support.gateway import ALICE_KEY, Gateway

OF_POLLS = (
    "before_claim",
    "after_claim",
    "before_request",
    "request_sent",
    "headers_in",
    "body_in",
    "answered",
    "before_commit",
    "inside_commit",
    "before_notification",
    "after_commit",
    "during_notification",
)
OF_SUBMISSIONS = (
    "inside_commit",
    "intent_written",
    "request_sent",
    "headers_in",
    "body_in",
    "submit_answered",
    "inside_second_commit",
)
PLACES = (*(("poll", place) for place in OF_POLLS), *(("submission", place) for place in OF_SUBMISSIONS))
FEW = 4  # how many times to pass a place that is passed once per batch
MANY = 25  # the same for a place that is passed once per poll
ROUND = 20  # kills before all tasks are finished and checked
STOCK = 40  # active tasks
PATIENCE = 5.0  # seconds before a process that rarely passes its place is killed wherever it is
SLACK = 5.0  # seconds that a poll may be later than lease and interval allow, on a busy machine
FINISH = 40.0  # seconds for all tasks to end


@dataclass(slots=True)
class Figures:
    killed: "Counter[str]" = field(default_factory=Counter)
    seconds: float = 0.0
    latest: float = 0.0  # the most seconds until a task was polled again once a poller was alive
    slowest_stop: float = 0.0  # seconds from SIGTERM to the end
    found: Findings = field(default_factory=Findings)

    @property
    def kills(self) -> int:
        return sum(self.killed.values())


class Campaign:
    """Requires a migrated, empty database and a gateway in another process."""

    def __init__(self, gateway: Gateway, trap: Trap, rng: random.Random) -> None:
        self._gateway = gateway
        self._trap = trap
        self._rng = rng
        self._seen = 0  # the last entry of the gateway's log that was checked
        self._cursor = 0  # the last event of the previous rounds
        self._log = str(settings.DATA_DIR / "children.log")
        self._owner = User.objects.create_user("alice")
        self._key = key_actions.add(self._owner, "main", Secret(ALICE_KEY))
        self.figures = Figures()

    def run(self, kills: int) -> Figures:
        begun = time.monotonic()
        self._gateway.fault("delay", settings={"seconds": 0.05})
        for turn in self._turns(kills):
            self._round(turn)
            if self.figures.found.wrong:
                break
        self.figures.seconds = time.monotonic() - begun
        return self.figures

    def _turns(self, kills: int) -> Iterator[list[tuple[str, str]]]:
        """Every place equally often, in random order."""
        places = [*itertools.islice(itertools.cycle(PLACES), kills)]
        self._rng.shuffle(places)
        for start in range(0, kills, ROUND):
            yield places[start : start + ROUND]

    def _round(self, places: list[tuple[str, str]]) -> None:
        companion = self._poller() if self._rng.random() < 0.5 else None
        for what, place in places:
            self._stock_up()
            hit = (self._kill_poller if what == "poll" else self._kill_submission)(place)
            self.figures.killed[f"{what}: {place if hit else 'elsewhere'}"] += 1
        if companion:
            killed(companion)
        self._finish()
        self._examine()

    def _poller(self, failpoint: str = "") -> int:
        connections.close_all()
        return forked(partial(crash_targets.poll, failpoint), log=self._log)

    def _stock_up(self) -> None:
        for _ in range(STOCK - Task.objects.scheduled().count()):
            upstream_id = self._gateway.add_task(
                self._rng.choice(DIALECTS),
                outcome=self._rng.choice(("completed", "failed")),
                queued_for=self._rng.uniform(0, 1),
                running_for=self._rng.uniform(0.2, 5),
            )
            actions.track(self._owner, self._key, upstream_id)

    def _kill_poller(self, place: str) -> bool:
        """Returns whether it was killed there."""
        rare = place in {"before_claim", "after_claim"} or "commit" in place or "notification" in place
        passes = self._rng.randint(1, FEW if rare else MANY)
        if place == "request_sent":
            pid = self._poller()
            self._trap.set(pid, "status", passes)
        else:
            pid = self._poller(f"{place}:kill:{passes}")
        return self._see_dead(pid)

    def _kill_submission(self, place: str) -> bool:
        """Returns whether it was killed there; then sends the form again, as the browser does."""
        number, model = uuid.uuid4(), self._rng.choice(DIALECTS)
        passes = 2 if place == "inside_second_commit" else 1
        failpoint = f"{place.replace('second_', '')}:kill:{passes}"
        connections.close_all()
        pid = forked(partial(crash_targets.submit, number, model, failpoint), log=self._log)
        if place == "request_sent":
            self._trap.set(pid, "create", 1)
        hit = self._see_dead(pid)
        again = forked(partial(crash_targets.submit, number, model), log=self._log)
        if ended(again, PATIENCE) != 0:
            self.figures.found.wrong.append(f"a form that was sent again failed after {place}, see {self._log}")
        return hit

    def _see_dead(self, pid: int) -> bool:
        code = ended(pid, PATIENCE)
        self._trap.clear()
        if code is None:
            killed(pid)
        elif code != -signal.SIGKILL:
            self.figures.found.wrong.append(f"a victim ended with {code}, see {self._log}")
        return code is not None

    def _finish(self) -> None:
        """A poller that is never killed finishes all tasks; then it is told to stop."""
        long = submission.SUBMISSION_TIMEOUT * 2
        Task.objects.filter(condition=states.SUBMITTING).update(created_at=F("created_at") - long)
        waiting = set(Task.objects.scheduled().submitted().values_list("upstream_id", flat=True))
        since = self._last_number()
        began = time.monotonic()
        pid = self._poller()
        self._see_each_asked_for(waiting, since, began)
        self._gateway.advance(30)
        while Task.objects.scheduled().exists() or Task.objects.filter(condition=states.SUBMITTING).exists():
            if time.monotonic() - began > FINISH:
                self.figures.found.wrong.append("tasks did not come to their end")
                break
            time.sleep(0.02)
        connections.close_all()
        begun = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        if ended(pid, 10.0) != 0:
            self.figures.found.wrong.append("a poller did not stop in order")
        self.figures.slowest_stop = max(self.figures.slowest_stop, time.monotonic() - begun)

    def _see_each_asked_for(self, waiting: set[str], since: int, began: float) -> None:
        allowed = crash_targets.PLAN.lease + 2 * crash_targets.PLAN.every + SLACK
        missing = set(waiting)
        while missing and time.monotonic() - began < allowed:
            missing -= {str(entry["task"]) for entry in self._gateway.log(call="status", since=since)}
            time.sleep(0.02)
        self.figures.latest = max(self.figures.latest, time.monotonic() - began)
        self.figures.found.wrong += [f"not asked for again within {allowed} s: {task}" for task in missing]

    def _last_number(self) -> int:
        log = self._gateway.log(since=self._seen)
        return int(str(log[-1]["number"])) if log else self._seen

    def _examine(self) -> None:
        log = self._gateway.log(since=self._seen)
        self.figures.found += oracle.examine(self._gateway, log, self._cursor, crash_targets.PLAN.every)
        self._seen = int(str(log[-1]["number"])) if log else self._seen
        self._clear()

    def _clear(self) -> None:
        """Deletes the tasks, so that the next round is checked by itself."""
        for told in self._gateway.tasks():
            self._gateway.forget_task(str(told["id"]))
        actions.delete(Task.objects.all())
        self._cursor = TaskEvent.objects.last_cursor()
