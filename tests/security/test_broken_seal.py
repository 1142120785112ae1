"""A key that can't be decrypted is reported wherever it is used, and breaks nothing else."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.polling import leases
from dashboard.tasks.models import Task
from dashboard.upstream.secret import Secret
from tests.polling.rounds import answer, poll
from tests.support.cast import make_task
from tests.support.gateway import ALICE_KEY, Gateway

WORDS = "can&#x27;t be decrypted"


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url
    settings.ALLOWED_PRIVATE_HOSTS = gateway.hostports


@pytest.fixture
def broken(alice: User) -> ApiKey:
    """Alice's key, with a changed byte."""
    key = key_actions.add(alice, "Broken", Secret("sk-broken-0000000000"))
    ApiKey.objects.filter(pk=key.pk).update(sealed=bytes(key.sealed)[:-1] + b"?")
    return ApiKey.objects.get(pk=key.pk)


def test_testing_it_says_what_to_do(as_alice: Client, broken: ApiKey) -> None:
    answered = as_alice.post(f"/keys/{broken.pk}/test", follow=True)
    assert (answered.status_code, WORDS in answered.content.decode()) == (200, True)
    assert "Replace it" in answered.content.decode()


def test_replacing_it_repairs_it(as_alice: Client, broken: ApiKey) -> None:
    as_alice.post(f"/keys/{broken.pk}/replace", {"secret": ALICE_KEY})
    assert ApiKey.objects.get().state == "works"


def test_tracking_goes_on_with_the_other_keys(
    as_alice: Client, gateway: Gateway, broken: ApiKey, alices_key: ApiKey
) -> None:
    page = as_alice.post("/tasks/track", {"task_ids": gateway.add_task()}).content.decode()
    assert "was added to the board" in page
    assert Task.objects.get().key == alices_key


def test_tracking_with_broken_ones_alone_says_so(as_alice: Client, alice: User, broken: ApiKey) -> None:
    second = key_actions.add(alice, "Second", Secret("sk-second-0000000000"))
    ApiKey.objects.filter(pk=second.pk).update(sealed=b"2:broken")
    page = as_alice.post("/tasks/track", {"task_ids": "task-1"})
    assert (page.status_code, WORDS in page.content.decode()) == (200, True)


def test_starting_a_video_says_so_and_starts_nothing(as_alice: Client, gateway: Gateway, broken: ApiKey) -> None:
    form = {"number": str(uuid.uuid4()), "key": str(broken.pk), "model": "amux", "prompt": "A fox"}
    page = as_alice.post("/tasks/create", form)
    assert (page.status_code, WORDS in page.content.decode()) == (422, True)
    assert "Nothing was started" in page.content.decode()
    assert not Task.objects.exists()


def test_polling_the_others_goes_on_and_its_own_tasks_say_so(alice: User, broken: ApiKey, alices_key: ApiKey) -> None:
    hers, fine = make_task(alice, broken), make_task(alice, alices_key)
    now = timezone.now()
    poll(answer("completed"), now)
    assert Task.objects.get(pk=fine.pk).status == "completed"
    assert Task.objects.get(pk=hers.pk).condition == "no_key"
    assert not leases.claim_due(10, now + timedelta(minutes=5)).claimed


def test_its_tasks_go_on_once_it_is_replaced(alice: User, broken: ApiKey) -> None:
    make_task(alice, broken)
    poll(answer(), timezone.now())
    key_actions.replace(broken, Secret(ALICE_KEY))
    assert Task.objects.suspended_with_usable_key().count() == 1
