"""What the form for a new video suggests: what is common for a model, and the member's recent prompts."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, TypeVar

from dashboard.accounts.models import User
from dashboard.tasks import access, row_words, states
from dashboard.tasks.models import Task

_Value = TypeVar("_Value")

EXAMINED: Final = 100  # tasks of the model, the newest ones
MOST_PRESETS: Final = 4
_FEWEST_TIMES: Final = 3  # of fewer videos nothing is usual
_COLUMNS: Final = ("status", "origin", "created_at", "started_at", "finished_at", "duration", "width", "height")
_PARAMS: Final = ("params__duration", "params__width", "params__height")


@dataclass(frozen=True, slots=True)
class Preset:
    """A text for a button, and the fields of the form that it fills in."""

    text: str
    fields: Mapping[str, float]

    @property
    def fields_json(self) -> str:
        return json.dumps(dict(self.fields))


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """What completed tasks had. `seconds` is the median time from submission to video, None if there are too few."""

    model: str
    sizes: list[Preset] = field(default_factory=list)
    durations: list[Preset] = field(default_factory=list)
    seconds: float | None = None
    longest: float | None = None  # seconds of video

    @property
    def is_known(self) -> bool:
        return bool(self.presets or self.seconds)

    @property
    def presets(self) -> list[Preset]:
        return self.sizes + self.durations


def model_history(user: User, model: str) -> ModelHistory:
    """Returns what is known of the model from the tasks that `user` may see."""
    tasks = access.tasks_for_viewer(user).filter(model=model) if model else Task.objects.none()
    examined = [*tasks.values(*_COLUMNS, *_PARAMS)[:EXAMINED]]
    completed = [task for task in examined if task["status"] == states.COMPLETED]
    sizes = Counter(size for task in completed if (size := _size(task)))
    durations = Counter(seconds for task in completed if (seconds := _asked_or_made(task, "duration")))
    times = [seconds for task in completed if (seconds := _seconds_taken(task)) is not None]
    return ModelHistory(
        model,
        sizes=[Preset(f"{width} × {height}", {"width": width, "height": height}) for width, height in _most(sizes)],
        durations=[Preset(row_words.length(seconds), {"duration": seconds}) for seconds in sorted(_most(durations))],
        seconds=median(times) if len(times) >= _FEWEST_TIMES else None,
        longest=max(durations, default=None),
    )


def _most(counted: Counter[_Value]) -> list[_Value]:
    return [value for value, _ in counted.most_common(MOST_PRESETS)]


def _size(task: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = _asked_or_made(task, "width"), _asked_or_made(task, "height")
    return (int(width), int(height)) if width and height else None


def _asked_or_made(task: Mapping[str, Any], name: str) -> float | None:
    """Returns the requested value, or else the reported one: a gateway may measure 5.04 s if 5 s were requested."""
    asked_for = task[f"params__{name}"]
    is_number = isinstance(asked_for, int | float) and not isinstance(asked_for, bool) and asked_for > 0
    found: float | None = asked_for if is_number else task[name]
    return round(found, 1) if found else None


def _seconds_taken(task: Mapping[str, Any]) -> float | None:
    begun = task["created_at"] if task["origin"] == Task.Origin.CREATED else task["started_at"]
    if not begun or not task["finished_at"]:
        return None
    seconds: float = (task["finished_at"] - begun).total_seconds()
    return seconds if seconds > 0 else None


def recent_prompts(user: User, most: int = 8) -> list[Task]:
    """Returns the member's newest tasks with different prompts, without removed ones."""
    created = access.tasks_for_viewer(user).filter(owner=user, origin=Task.Origin.CREATED).exclude(prompt="")
    newest = created.only("pk", "prompt", "model", "created_at")[: most * 4]
    by_prompt: dict[str, Task] = {}
    for task in newest:
        by_prompt.setdefault(task.prompt, task)
    return list(by_prompt.values())[:most]
