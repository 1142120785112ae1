"""Possible answers of the gateway, and their effect on the task, its next poll and its key: over real sockets.

In every case, the task has had no answer twice and is two minutes old, so a third failure is visible immediately. A
healthy task of another key is also polled, before and after.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling.loop import PollLoop
from dashboard.polling.schedule import PollConfig
from dashboard.tasks.models import Task
from tests.polling.loops import polling, some_task
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.ports import free_port
from tests.support.wait import until_async

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = PollConfig(every=5.0, deadline=600.0)
TOTAL = 1.0  # seconds for a call; 20 in the product
Bounds = tuple[float, float] | None
SOON: Bounds = (4.5, 6.2)  # seconds: the next poll of a task without problems
LATER: Bounds = (2.5, 20.0)  # after a third failure
CONFIRM: Bounds = (5.0, 5.1)
NEVER: Bounds = None


@dataclass(frozen=True, slots=True)
class Case:
    """`truth` is the task's status at the gateway; the other fields are the expected result of one poll.

    `key`: its state, the number of refusals, and the bounds of its backoff in seconds.
    """

    name: str
    fault: str = ""
    settings: dict[str, object] = field(default_factory=dict)
    truth: str = "completed"
    status: str = "queued"
    condition: str = ""
    wait: Bounds = LATER
    key: tuple[str, int, Bounds] = ("untested", 0, NEVER)
    before: dict[str, object] = field(default_factory=dict)  # fields of the task
    base: str = ""  # a URL other than the gateway's; {port} is one where nothing listens
    total: float = TOTAL


WORKS = ("works", 0, NEVER)
UNCHANGED = ("untested", 0, NEVER)


def believed(fault: str, truth: str = "completed", status: str = "", **settings: object) -> Case:
    wait = SOON if (status or truth) in ("queued", "in_progress") else NEVER
    return Case(f"{fault} {settings or ''}", fault, settings, truth, status or truth, wait=wait, key=WORKS)


def senseless(fault: str, **settings: object) -> Case:
    return Case(f"{fault} {settings or ''}", fault, settings, condition="silent")


def unreachable(fault: str, **settings: object) -> Case:
    return Case(f"{fault} {settings or ''}", fault, settings, condition="unreachable")


def rate_limited(name: str, shortest: float, longest: float, **settings: object) -> Case:
    rest = (shortest, longest)
    return Case(f"429, {name}", "http-429", settings, wait=rest, key=("untested", 0, rest))


CASES = [
    Case("honest", status="completed", wait=NEVER, key=WORKS),
    Case("honest failure", truth="failed", status="failed", wait=NEVER, key=WORKS),
    *(believed(fault) for fault in ("bom-json", "duplicate-keys", "no-id", "wrong-types", "null-metadata")),
    *(believed(fault) for fault in ("odd-numbers", "other-url")),
    *(believed(fault, status="queued") for fault in ("unknown-word",)),
    *(senseless(fault) for fault in ("null-status", "no-status")),
    *(believed("odd-progress", "in_progress", progress=odd) for odd in (150, -1, "soon", [3], 1e400)),
    believed("backwards", "in_progress"),
    believed("long-error", status="failed"),
    Case(
        "goes back after the end",
        truth="in_progress",
        status="completed",
        wait=NEVER,
        key=WORKS,
        before={"status": "completed"},
    ),
    *(senseless(fault) for fault in ("bad-utf8", "nul-json", "other-id", "text-200", "list-json", "null-json")),
    *(senseless(fault) for fault in ("empty-200", "accepted-202", "no-content-204", "truncated-json", "deep-json")),
    *(senseless(fault) for fault in ("endless-json", "gzip-json")),
    *(Case(fault, fault, condition="silent", total=20.0) for fault in ("huge-list", "gzip-bomb")),
    Case("huge-json", "huge-json", status="completed", wait=NEVER, key=WORKS, total=20.0),
    *(senseless(f"http-{status}") for status in (304, 400, 409, 422)),
    *(Case(fault, fault, condition="misconfigured") for fault in ("html-200", "redirect-private", "redirect-loop")),
    Case("http-405", "http-405", condition="misconfigured"),
    *(Case(f"http-{status}", f"http-{status}", condition="not_found", wait=SOON) for status in (404, 410)),
    Case(
        "400 task_not_exist",
        "http-400",
        {"body": '{"code": "task_not_exist", "message": "task_not_exist", "data": null}'},
        condition="not_found",
        wait=SOON,
    ),
    *(unreachable(f"http-{status}") for status in (408, 500, 503, 504, 520)),
    *(unreachable(fault) for fault in ("bad-gateway-html", "close", "reset-headers", "reset-body", "cut-body")),
    *(unreachable(fault) for fault in ("silent", "stalled-body", "drip", "conflicting-lengths", "big-header")),
    *(unreachable(fault) for fault in ("slow-headers", "many-headers", "garbage")),
    *(Case(fault, fault, wait=CONFIRM, key=("untested", 1, CONFIRM)) for fault in ("http-401", "http-403", "echo-key")),
    rate_limited("no Retry-After", 5.0, 10.0),
    rate_limited("seconds", 30.0, 33.0, retry_after="30"),
    rate_limited("a date", 29.0, 33.0, retry_after="date", seconds=30),
    rate_limited("a past date", 1.0, 1.1, retry_after="date", seconds=-300),
    rate_limited("garbage", 5.0, 10.0, retry_after="abc"),
    rate_limited("a year", 900.0, 990.0, retry_after="31536000"),
    Case("connection refused", condition="unreachable", base="http://127.0.0.1:{port}"),
    Case("no such name", condition="unreachable", base="http://nowhere.invalid"),
    Case("TLS where there is none", condition="unreachable", base="https://127.0.0.1:{gateway}"),
]
assert len(CASES) >= 45


def prepared(case: Case, gateway: Gateway, owner: User, key: ApiKey) -> Task:
    upstream_id = gateway.add_task("amux", status=case.truth)
    if case.fault:
        gateway.fault(case.fault, task=upstream_id, settings=case.settings)
    old = {"created_at": timezone.now() - timedelta(seconds=120), "failures": 2, **case.before}
    return make_task(owner, key, upstream_id, **old)


def seconds_until(moment: Any) -> float:
    return float((moment - timezone.now()).total_seconds())


def check(wait: Bounds, moment: Any, late: float) -> None:
    if wait is None:
        assert moment is None
    else:
        assert wait[0] - late <= seconds_until(moment) <= wait[1] + 0.1


async def see_alive(loop: PollLoop, healthy: Task) -> None:
    """Checks that another task that has become due is polled and answered."""
    polls = (await Task.objects.aget(pk=healthy.pk)).polls
    await Task.objects.filter(pk=healthy.pk).aupdate(next_poll_at=timezone.now())
    loop.wake()
    await until_async(some_task(pk=healthy.pk, polls__gt=polls, condition="", status="in_progress"))


@pytest.mark.parametrize("case", CASES, ids=[case.name.strip() for case in CASES])
async def test_it_makes_the_right_thing_of_every_answer(
    case: Case, gateway: Gateway, alice: User, bob: User, alices_key: ApiKey, bobs_key: ApiKey
) -> None:
    task = await sync_to_async(prepared)(case, gateway, alice, alices_key)
    places = {"port": free_port(), "gateway": gateway.url.rpartition(":")[2]}
    async with polling(case.base.format(**places) or gateway.url, PLAN, total=case.total) as loop:
        await until_async(some_task(pk=task.pk, polls=1))
        await task.arefresh_from_db()
        late = 1.0  # seconds that may have passed since it was written
        check(case.wait, task.next_poll_at, late)
        assert (task.status, task.condition, task.lease_token) == (case.status, case.condition, None)
        await alices_key.arefresh_from_db()
        state, refusals, rest = case.key
        assert (alices_key.state, alices_key.refusals) == (state, refusals)
        check(rest, alices_key.backoff_until, late)
        if not case.base:
            healthy = await sync_to_async(make_task)(bob, bobs_key, gateway.add_task("amux+stuck", owner="bob"))
            await sync_to_async(gateway.change_task)(healthy.upstream_id, status="in_progress")
            await see_alive(loop, healthy)
