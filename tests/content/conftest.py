"""A member with a video, another member, and a server for requests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from dashboard.upstream.secret import Secret
from tests.support.asgi_server import serving
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.tasks import store_task

N = 1_000_003

Browser = Callable[[User | None], httpx.Client]
Videoed = Callable[..., Task]


@pytest.fixture
def known_gateway(gateway: Gateway, settings: Settings) -> Gateway:
    """The demo gateway, configured as the gateway in the settings."""
    settings.AMUX_BASE_URL = gateway.url
    settings.ALLOWED_PRIVATE_HOSTS = gateway.hostports
    return gateway


@pytest.fixture
def server(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[str]:
    if "gateway" in request.fixturenames:
        request.getfixturevalue("known_gateway")
    with serving() as origin:
        yield origin


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def browser(server: str) -> Iterator[Browser]:
    """A signed-in HTTP client; with None, one that is not signed in."""
    opened: list[httpx.Client] = []

    def sign_in(user: User | None) -> httpx.Client:
        session = Client()
        if user is not None:
            session.force_login(user)
        cookies = {name: morsel.value for name, morsel in session.cookies.items()}
        opened.append(httpx.Client(base_url=server, cookies=cookies, trust_env=False))
        return opened[-1]

    yield sign_in
    for client in opened:
        client.close()


@pytest.fixture
def video(alice: User) -> Task:
    """A finished task whose video was opened before, so that its representation is known; its source is unreachable."""
    return store_task(
        owner=alice,
        upstream_id="task-1",
        label="Red fox",
        status="completed",
        finished_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        size_bytes=N,
        content_type="video/mp4",
        content_etag='"video-1"',
    )


@pytest.fixture
def videoed(known_gateway: Gateway, alice: User) -> Videoed:
    """Creates a finished task of alice's; `words` are the gateway's options for delivering its video."""
    mine = key_actions.add(alice, "mine", Secret(ALICE_KEY))

    def make(*words: str, video: str = "random", url: bool = False, key: ApiKey | None = mine) -> Task:
        upstream_id = known_gateway.add_task("+".join(["amux", *words]), status="completed", video=video)
        address = next(task["url"] for task in known_gateway.tasks() if task["id"] == upstream_id)
        return store_task(
            owner=alice,
            key=key,
            upstream_id=upstream_id,
            label="Red fox",
            status="completed",
            finished_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
            url=str(address) if url else "",
        )

    return make
