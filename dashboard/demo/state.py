"""The state of a running demo gateway: tasks, keys, the request log. In memory only."""

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from dashboard.demo import catalog, dialects, identifiers, options, tasks
from dashboard.demo.clock import Clock
from dashboard.demo.delivery import Delivery
from dashboard.demo.fault_source import FaultSource, NoFaults
from dashboard.demo.request_log import RequestLog
from dashboard.demo.signed_url import Signer
from dashboard.demo.tasks import Failure, Step, Task

FACTS = ("duration", "fps", "width", "height", "seed")


@dataclass(slots=True)
class State:
    """One gateway. `keys` maps secrets to owners; `files_url` is known once the second port is bound."""

    videos: Path
    signer: Signer
    keys: dict[str, str] = field(default_factory=dict)
    pace: float = 1.0
    clock: Clock = field(default_factory=Clock)
    rng: random.Random = field(default_factory=random.Random)
    files_url: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    faults: FaultSource = field(default_factory=NoFaults)
    delivery: type[Delivery] = Delivery
    controls: Mapping[tuple[str, str], "Control"] = field(default_factory=dict)  # in addition to those of `control`
    request_log: RequestLog = field(default_factory=RequestLog)
    rows: "itertools.count[int]" = field(default_factory=lambda: itertools.count(101))

    def submit(self, owner: str, model: options.Model, asked: Mapping[str, object]) -> Task:
        """Creates a task as a client would."""
        steps = tasks.plan(
            self.clock.wall(),
            *tasks.life_span(model, self.rng, self.pace),
            tasks.FAILED if "fail" in model.options else tasks.COMPLETED,
        )
        return self.add(owner, model, asked, steps)

    def add(
        self,
        owner: str,
        model: options.Model,
        asked: Mapping[str, object],
        steps: list[Step],
        *,
        task_id: str | None = None,
        video: str = "",
        failure: Failure | None = None,
    ) -> Task:
        """Adds a task. Raises LookupError if its video doesn't exist, ValueError for unsupported options."""
        for word in model.options.keys() & self.delivery.refused:
            raise ValueError(f"There is no option {word!r}.")
        video = video or model.video or self.video_for(asked)
        task = Task(
            id=task_id or identifiers.make(model.dialect, self.rng),
            row=next(self.rows),
            owner=owner,
            model=model,
            prompt=str(asked.get("prompt", "")),
            video=video,
            asked=asked,
            failure=failure or failure_of(model),
            steps=steps,
        )
        catalog.video_path(self.videos, video)
        task.details = self.details_of(task)
        if "fault" in model.options:
            self.faults.add_option(model.options["fault"], task.id)
        self.tasks[task.id] = task
        return task

    def video_for(self, asked: Mapping[str, object]) -> str:
        """Returns the video with the closest aspect ratio to the requested one."""
        width, height = number(asked.get("width")) or 16, number(asked.get("height")) or 9
        return catalog.closest(self.videos, int(width), int(height))

    def details_of(self, task: Task) -> dict[str, object]:
        """Returns the task's metadata: requested values, or else those of the video, plus the vendor's parameters."""
        video = catalog.VIDEOS.get(task.video, catalog.VIDEOS["short"])
        known: dict[str, object] = {
            "duration": float(video.seconds),
            "fps": video.fps,
            "width": video.width,
            "height": video.height,
            "seed": self.rng.randrange(1, 2**31),
        }
        vendor = task.asked.get("metadata")
        facts = dict(vendor) if isinstance(vendor, dict) else {}
        facts |= {name: number(task.asked.get(name)) or known[name] for name in FACTS}
        facts["duration"] = float(str(facts["duration"]))
        if "n" in task.asked:
            facts["n"] = number(task.asked["n"])
        return {name: str(fact) for name, fact in facts.items()} if "sizes" in task.model.options else facts

    def view(self, task: Task) -> dialects.View:
        """Returns the task as of now, with a newly signed URL once it is completed."""
        now = self.clock.wall()
        return dialects.View(task, now, self.url(task, now), self.more_urls(task, now))

    def url(self, task: Task, now: float) -> str | None:
        """Returns what the task reports as its URL; None before completion, or if it reports none."""
        if task.status(now) != tasks.COMPLETED or "nourl" in task.model.options:
            return None
        if "badurl" in task.model.options:
            return "the video is being transferred to storage"
        return self.signed_url(task)

    def more_urls(self, task: Task, now: float) -> tuple[str, ...]:
        """Returns the URLs of the videos after the first."""
        names = task.model.options.get("more", "")
        if task.status(now) != tasks.COMPLETED or not names:
            return ()
        return tuple(self.signed_url(task, name) for name in names.split(","))

    def signed_url(self, task: Task, video: str = "") -> str:
        """Returns a temporary URL of a video of the task (by default the first), which works without a key."""
        return self.files_url + self.signer.path(task.id, video or task.video, self.clock.wall())

    def owner_of(self, authorization: str | None) -> str | None:
        """Returns the owner of the key in an Authorization header; None if it is missing, invalid or unknown."""
        scheme, _, secret = (authorization or "").partition(" ")
        return self.keys.get(secret.strip()) if scheme.lower() == "bearer" else None


Control = Callable[[State, list[str], dialects.Json, web.Request], dialects.Json]


def failure_of(model: options.Model) -> Failure:
    """Returns the failure that the model's option names, or the first one."""
    number_of_it = model.options.get("fail")
    return next((one for one in dialects.FAILURES if str(one.number) == number_of_it), dialects.FAILURES[0])


def number(value: object) -> int | float | None:
    """Parses a number as the API accepts it, `5` or `"5"`. Returns None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    if found != found or abs(found) > 1e12:
        return None
    return int(found) if found.is_integer() else found
