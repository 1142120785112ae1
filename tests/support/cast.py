"""The people of the tests: alice owns things, bob is another member, ada an admin, and visitor has not signed in."""

import itertools

import pytest
from django.test import Client

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions
from dashboard.tasks.models import Task
from dashboard.upstream.secret import Secret
from tests.support.gateway import ALICE_KEY, BOB_KEY
from tests.support.tasks import change_task

PASSWORD = "correct horse battery"
numbers = itertools.count(1)


def member(name: str, *, is_staff: bool = False) -> User:
    return User.objects.create_user(name, password=PASSWORD, is_staff=is_staff)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice(db: None) -> User:
    return member("alice")


@pytest.fixture
def bob(db: None) -> User:
    return member("bob")


@pytest.fixture
def ada(db: None) -> User:
    return member("ada", is_staff=True)


@pytest.fixture
def as_alice(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_ada(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def visitor(db: None) -> Client:
    return Client()


@pytest.fixture
def alices_key(alice: User) -> ApiKey:
    return key_actions.add(alice, "Studio", Secret(ALICE_KEY))


@pytest.fixture
def bobs_key(bob: User) -> ApiKey:
    return key_actions.add(bob, "Bob's", Secret(BOB_KEY))


@pytest.fixture
def alices_task(alice: User, alices_key: ApiKey) -> Task:
    return make_task(alice, alices_key, label="Sunset", prompt="A sunset over the sea")


def make_task(owner: User, key: ApiKey, upstream_id: str = "", **fields: object) -> Task:
    """Creates a tracked task with `fields`."""
    task, _ = actions.track(owner, key, upstream_id or f"task-{next(numbers)}")
    change_task(task, **{"condition": "", "condition_since": None, **fields})
    task.refresh_from_db()
    return task
