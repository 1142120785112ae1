"""One Chromium for the folder, one server that most tests share, and new members for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.person import SOON, Person, Site
from tests.support.gateway import Gateway, gateway_with
from tests.support.processes import ServerProcess, new_process
from tests.support.programs import program

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NewPerson = Callable[..., Person]
expect.set_options(timeout=SOON)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


# Not session-scoped: while playwright runs, this thread has a running event loop, and other tests need to run their
# own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def settings_for(gateway: Gateway) -> dict[str, str]:
    hosts = ",".join(f"{host}:{port}" for host, port in gateway.hostports)
    # Without saved copies, videos come from the gateway each time.
    served = {"AMUX_BASE_URL": gateway.url, "ALLOWED_PRIVATE_HOSTS": hosts, "POLLER": "embedded", "ARCHIVE": "off"}
    return {
        **served,
        "COVERAGE_PROCESS_START": "",
    }  # coverage is measured elsewhere; browsers are slow enough


def quick(gateway: Gateway) -> dict[str, str]:
    return {**settings_for(gateway), "POLL_FIRST": "0.5", "POLL_EVERY": "0.5"}


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, videos_with_long: Path) -> Iterator[Site]:
    """The server that most tests share; tests that stop it use `own_site`."""
    with gateway_with(videos_with_long) as gateway:
        process = new_process(tmp_path_factory.mktemp("site"), **quick(gateway))
        process.start()
        yield Site(process, gateway)
        process.close()


@pytest.fixture
def own_site(process: ServerProcess, gateway: Gateway) -> Site:
    process.env = quick(gateway)
    process.start()
    return Site(process, gateway)


@pytest.fixture
def new_person(chromium: Browser) -> Iterator[NewPerson]:
    """Creates members of any site; fails if a browser complained about one of their pages."""
    made: list[Person] = []

    def make(site: Site, name: str = "alice", **options: object) -> Person:
        made.append(Person(site, chromium, name, **options))  # type: ignore[arg-type]  # see Person
        return made[-1]

    yield make
    for person in made:
        person.close()
    assert [person.grounds() for person in made if person.grounds()] == []


@pytest.fixture
def alice(site: Site, new_person: NewPerson) -> Person:
    return new_person(site, "alice")


@pytest.fixture
def bob(site: Site, new_person: NewPerson) -> Person:
    return new_person(site, "bob")
