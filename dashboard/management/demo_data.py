"""The demo's initial data: two members, their keys, and tasks of every kind."""

import json
import time
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from urllib.error import URLError

from django.conf import settings
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.keys.sealing import SealBroken
from dashboard.tasks import states, submission, writes
from dashboard.tasks.actions import deadline_for
from dashboard.tasks.models import Task
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.secret import Secret

NEWCOMERS = 200  # maximum number of videos that start by themselves
GATEWAY_DEADLINE = 30.0  # seconds to wait for the demo gateway


@dataclass(frozen=True, slots=True)
class Seed:
    """A demo task. `plan` is sent to the gateway; without it, the gateway doesn't know the task. `age` in seconds."""

    model: str
    prompt: str
    age: int
    plan: Mapping[str, object] | None
    label: str = ""


DONE = {"status": "completed"}
SEEDS = (
    Seed(
        "new-api-wrapped", "A paper boat drifting down a rainy street at dusk", 8, {"queued_for": 45, "running_for": 60}
    ),
    Seed("amux", "Slow pan over terraced rice fields in morning fog", 70, {"queued_for": 0, "running_for": 75}),
    Seed(
        "openai-sora+slow",
        "A lighthouse keeper lighting the lamp, film grain",
        100,
        {"queued_for": 0, "running_for": 150},
    ),
    Seed("amux", "Sunset over a calm sea, waves in gold and teal", 240, DONE, "Sunset, final"),
    Seed("new-api-wrapped+portrait", "Neon alley in the rain, handheld, vertical", 420, DONE),
    Seed("openai-sora+square", "Leaves turning in the wind, macro, seamless loop", 700, DONE, "Leaves loop"),
    Seed(
        "amux+fail",
        "A crowd cheering in a stadium",
        900,
        {
            "status": "failed",
            "error": {"code": 50001, "message": "Upstream model rejected the prompt due to content policy."},
        },
    ),
    Seed(
        "amux+more=portrait,square", "A paper plane over the old town, three takes", 1100, DONE, "Paper plane, 3 takes"
    ),
    Seed("litellm+wide", "Desert dunes at blue hour, cinematic aspect ratio", 1300, DONE),
    Seed("new-api-adaptor+fail", "A red fox crossing a frozen lake", 1700, {"status": "failed"}),
    Seed("amux+stuck", "City time lapse from night to day", 2400, {"status": "in_progress"}, "Time lapse, slow model"),
    Seed("amux+long", "One minute of drifting colour for the lobby screen", 3600, DONE, "Lobby screen"),
    Seed("sglang+short+norange", "Ink drops spreading in water, black on white", 5400, DONE),
    Seed("kling+portrait", "A dancer under street lamps, slow shutter", 6100, DONE),
    Seed("dashscope+fail", "A portrait of somebody famous", 6300, {"status": "failed"}),
    Seed("new-api-flat", "Product turntable, white background", 7200, None, "Turntable (old id)"),
)
FOR_ADMIN = (
    Seed("amux+wide", "Opening titles over drifting clouds", 1500, DONE, "Titles"),
    Seed("new-api-rc30+portrait", "Vertical teaser, confetti in slow motion", 2600, DONE),
)
WISHES = (
    ("amux", "Snow falling on a quiet village square"),
    ("new-api-wrapped", "A kite over a windy beach, wide shot"),
    ("openai-sora+portrait", "Steam rising from a tea cup, close-up"),
    ("new-api-flat+square", "Origami crane unfolding itself"),
    ("amux+fail", "Somebody famous dancing"),
    ("litellm+wide", "Northern lights over a fjord, time lapse"),
    ("sglang", "A snail crossing a mossy stone"),
)


def make_members(made: Mapping[str, str]) -> None:
    """Creates the members in an empty database. `made` holds the passwords and keys of this demo."""
    User.objects.create_superuser("ada", password=made["admin_password"], first_name="Ada", last_name="Admin")
    User.objects.create_user("max", password=made["member_password"], first_name="Max", last_name="Member")


def seed(made: Mapping[str, str]) -> None:
    """Creates the members' keys and tasks. `made` holds the passwords and keys of this demo."""
    wait_for_gateway()
    ada, maxi = User.objects.get(username="ada"), User.objects.get(username="max")
    studio = key_actions.add(maxi, "Studio", Secret(made["member_key"]))
    old = key_actions.add(maxi, "Old laptop", Secret(made["old_key"]))
    team = key_actions.add(ada, "Team", Secret(made["admin_key"]))
    for each in SEEDS:
        _plant(each, studio)
    for each in FOR_ADMIN:
        _plant(each, team)
    _plant(Seed("amux", "Clouds over the ridge, drone shot", 3000, None, "From the old laptop"), old)
    _plant_uncertain(studio)


def _plant(each: Seed, key: ApiKey) -> None:
    upstream_id = f"task_{uuid.uuid4().hex[:20]}"
    if each.plan is not None:
        plan = {"model": each.model, "owner": key.owner.username, "prompt": each.prompt, **each.plan}
        upstream_id = str(_control("tasks", plan)["id"])
    begun = timezone.now() - timedelta(seconds=each.age)
    task = Task(
        owner=key.owner,
        key=key,
        upstream_id=upstream_id,
        model=each.model,
        prompt=each.prompt,
        label=each.label,
        origin=Task.Origin.CREATED,
        params={"model": each.model, "prompt": each.prompt},
        created_at=begun,
        next_poll_at=timezone.now(),
        deadline_at=begun + deadline_for(each.model),
    )
    _store(task, begun)


def _plant_uncertain(key: ApiKey) -> None:
    begun = timezone.now() - timedelta(seconds=4000)
    task = Task(
        owner=key.owner,
        key=key,
        model="amux",
        prompt="Fireflies over a meadow, long exposure",
        origin=Task.Origin.CREATED,
        created_at=begun,
        condition=states.UNCONFIRMED,
        condition_since=begun,
        raw="There was no response. The task may have been started.",
    )
    _store(task, begun)


def _store(task: Task, begun: datetime) -> None:
    writes.insert_task(task, at=begun)


def wait_for_gateway() -> None:
    """Waits until the demo gateway responds. Raises RuntimeError if it doesn't start in time."""
    deadline = time.monotonic() + GATEWAY_DEADLINE
    while time.monotonic() < deadline:
        try:
            _control("options")
        except URLError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The demo gateway at {settings.AMUX_BASE_URL} did not start.")


def _control(path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{settings.AMUX_BASE_URL}/_demo/{path}", data)  # noqa: S310  # our own gateway
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # our own gateway
        return dict(json.load(answer))


def start_videos_now_and_then(every: float = 30.0) -> None:
    """Submits a task every `every` seconds, up to NEWCOMERS times. Runs in its own thread while the demo runs."""
    key = ApiKey.objects.select_related("owner").get(label="Studio")
    for number in count():
        if number >= NEWCOMERS:
            return
        time.sleep(every)
        model, prompt = WISHES[number % len(WISHES)]
        params: dict[str, object] = {"model": model, "prompt": prompt, "duration": 5}
        wish = submission.Submission(idempotency_key=uuid.uuid4(), key=key, payload=params, params=params)
        try:
            submission.submit(key.owner, wish)
        except (UpstreamError, SealBroken):
            continue
