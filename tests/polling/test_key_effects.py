"""What a batch of polls reveals about keys, without a database."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from dashboard.keys.health import KeyHealth
from dashboard.keys.models import ApiKey
from dashboard.polling.key_effects import CONFIRMED_BY, Defer, KnownKey, Pause, Resume, Suspend, Wait, review
from dashboard.polling.polls import Poll
from dashboard.tasks.models import Task
from dashboard.upstream.answers import Answer
from dashboard.upstream.client import Reply
from dashboard.upstream.errors import KeyRefused, RateLimited, RawAnswer, UpstreamError

NOW = timezone.now()
BEFORE, LATER = NOW - timedelta(seconds=20), NOW - timedelta(seconds=1)
KEY = ApiKey(state=ApiKey.State.WORKS, state_since=NOW - timedelta(days=1))


def poll(error: UpstreamError, begun_at: datetime = LATER) -> Poll:
    return Poll(Task(key=KEY), begun_at, error=error)


def known(**columns: object) -> dict[uuid.UUID, KnownKey]:
    return {KEY.pk: KnownKey(KEY, replace(KeyHealth.of(KEY), **columns))}  # type: ignore[arg-type]  # columns of the key


def test_a_first_refusal_pauses_the_key_but_for_another_task() -> None:
    other, refused = uuid.uuid4(), poll(KeyRefused("no", status=401))
    keys = {KEY.pk: replace(known()[KEY.pk], free_probes=[refused.task.pk, other])}
    effects = review([refused], keys, NOW, Random(1))
    soon, until = NOW + timedelta(seconds=5), NOW + CONFIRMED_BY
    assert effects.on_tasks == [Pause(KEY.pk, until, other, soon), Wait(refused.task.pk, until)]
    assert effects.health[KEY.pk].refused_first_at == NOW


def test_a_task_without_company_is_its_own_probe() -> None:
    refused = poll(KeyRefused("no", status=401))
    effects = review([refused], known(), NOW, Random(1))
    soon = NOW + timedelta(seconds=5)
    assert effects.on_tasks == [
        Pause(KEY.pk, NOW + CONFIRMED_BY, refused.task.pk, soon),
        Wait(refused.task.pk, soon),
    ]


def test_a_later_refusal_suspends_the_key_once() -> None:
    polls = [poll(KeyRefused("no", status=401)) for _ in range(3)]
    effects = review(polls, known(refused_first_at=BEFORE), NOW, Random(1))
    assert effects.on_tasks == [Suspend(KEY.pk, "no")]
    assert effects.health[KEY.pk].state == ApiKey.State.REFUSED


def test_an_earlier_refusal_only_waits() -> None:
    refused = poll(KeyRefused("no", status=401), BEFORE - timedelta(seconds=1))
    effects = review([refused], known(refused_first_at=BEFORE), NOW, Random(1))
    assert effects.on_tasks == [Wait(refused.task.pk, BEFORE + CONFIRMED_BY)]


def test_each_rate_limit_defers_from_the_longest_rest() -> None:
    polls = [poll(RateLimited("slow", retry_after=seconds)) for seconds in (60.0, 5.0)]
    first, second = review(polls, known(), NOW, Random(1)).on_tasks
    assert isinstance(first, Defer)
    assert second == Defer(KEY.pk, first.until, polls[1].task.pk)
    assert timedelta(seconds=60) <= first.until - NOW <= timedelta(seconds=66)


def test_polls_count_in_the_order_in_which_they_were_sent() -> None:
    late, early = poll(KeyRefused("late", status=401)), poll(KeyRefused("early", status=401), BEFORE)
    effects = review([late, early], known(), NOW, Random(1))
    assert [type(effect) for effect in effects.on_tasks] == [Pause, Wait, Wait]
    assert effects.on_tasks[1] == Wait(early.task.pk, NOW + timedelta(seconds=5))


def test_nothing_is_made_of_keys_that_are_not_known() -> None:
    effects = review([poll(KeyRefused("no", status=401))], {}, NOW, Random(1))
    assert (effects.health, effects.on_tasks) == ({}, [])


def test_a_success_that_was_sent_after_a_refusal_resumes_the_key() -> None:
    reply = Reply(Answer(), RawAnswer(200, "application/json", "{}", NOW))
    effects = review([Poll(Task(key=KEY), LATER, reply=reply)], known(refused_first_at=BEFORE), NOW, Random(1))
    assert effects.on_tasks == [Resume(KEY.pk)]
    assert effects.health[KEY.pk].refused_first_at is None
