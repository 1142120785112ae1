"""Every page in a language made of the English texts: what is still in plain letters was not put through gettext.

The language is one catalog and no code, as any third language is.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.sharing import actions as sharing_actions
from dashboard.tasks import actions, states
from dashboard.tasks.models import Task
from tests.support import pseudo_locale
from tests.support.cast import make_task

ATTRIBUTES = {"alt", "aria-label", "data-confirm", "data-confirm-label", "hx-confirm", "placeholder", "title"}
# Names, units, and what members and the gateway wrote: in letters of its own, so that it is told from ours.
OURS = {
    "Reelboard",
    "English",
    "xx",
    "alice",
    "bob",
    "ada",
    "Studio",
    "UTC",
    "Enter",
    "Esc",
    "aspect",
    "ratio",
    "sk",
    "zz",
    "px",
    "kB",
    "MB",
}
WORD = re.compile(r"[A-Za-z]{2,}")
TIME_ZONE = re.compile(r'<option value="[A-Z]\w+/[^"]+">[^<]+</option>')  # a name in the profile, such as Asia/Tokyo


class Texts(HTMLParser):
    """Collects what is read on a page or heard of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style"}
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def plain_words(page: str) -> set[str]:
    texts = Texts()
    texts.feed(TIME_ZONE.sub("", page))
    return {word for text in texts.found for word in WORD.findall(text)} - OURS


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    pseudo_locale.write_catalogs(folder)
    return folder


@pytest.fixture(autouse=True)
def pseudo_language(settings: Settings, catalogs: Path) -> None:
    settings.LOCALE_PATHS = [catalogs]
    settings.LANGUAGES = [("en", "English"), (pseudo_locale.CODE, "xx")]


def read(client: Client, path: str, **form: object) -> str:
    headers = {"Accept-Language": pseudo_locale.CODE}
    answer = client.post(path, form, headers=headers, follow=True) if form else client.get(path, headers=headers)
    assert answer.status_code < 500
    return answer.content.decode()


def test_a_third_language_is_one_catalog_and_no_code(as_alice: Client) -> None:
    page = read(as_alice, "/")
    assert f'<html lang="{pseudo_locale.CODE}"' in page
    assert "⟦" in page


@pytest.fixture
def many_tasks(alice: User, alices_key: ApiKey) -> list[Task]:
    """One in every status and condition, with numbers in place of words."""
    tasks = [
        make_task(alice, alices_key, upstream_id=f"{number}", status=status, condition=condition, prompt=f"{number}")
        for number, (status, condition) in enumerate(
            [(status, "") for status in states.STATUSES]
            + [(states.IN_PROGRESS, condition) for condition in states.CONDITIONS if condition]
        )
    ]
    actions.set_tags(tasks[0], ["1"])
    return tasks


def test_no_page_has_a_plain_word(
    as_alice: Client, as_ada: Client, as_bob: Client, alice: User, ada: User, many_tasks: list[Task]
) -> None:
    _, token = sharing_actions.share(many_tasks[2], alice)
    _, invited = account_actions.invite(ada, "", False)
    removed = make_task(alice, many_tasks[0].key, upstream_id="99", status="failed")  # type: ignore[arg-type]  # has one
    actions.remove([removed])
    paths = [
        *("/", "/?status=failed", "/?q=zz", "/?since=7d&condition=attention", "/tasks/create", "/keys/", "/removed"),
        *("/shared", "/profile", "/accounts/password/change/", "/nowhere"),
        *(f"/tasks/{task.pk}" for task in many_tasks),
        *(f"/tasks/{many_tasks[2].pk}/links", f"/tasks/create?again={many_tasks[2].pk}", f"/tasks/{removed.pk}"),
    ]
    plain = {path: words for path in paths if (words := plain_words(read(as_alice, path)))}
    plain |= {path: words for path in ("/people/", "/keys/") if (words := plain_words(read(as_ada, path)))}
    plain |= {path: words for path in (f"/s/{token}", "/s/ended") if (words := plain_words(read(as_bob, path)))}
    for path in ("/accounts/login/", f"/join/{invited}", "/join/ended", "/reset/ended", "/setup/ended"):
        if words := plain_words(read(Client(), path)):
            plain[path] = words
    assert plain == {}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/tasks/create", {"prompt": "", "metadata": "{", "duration": "x", "width": "1", "n": "99"}),
        ("/tasks/track", {"task_ids": ""}),
        ("/keys/add", {"label": "", "secret": "1"}),
        ("/people/invite", {"note": "1" * 200}),
        ("/accounts/password/change/", {"oldpassword": "1", "password1": "1", "password2": "2"}),
        ("/filters", {"query": "status=failed", "name": ""}),
        ("/profile", {"email": "1"}),
    ],
)
def test_no_error_has_a_plain_word(as_ada: Client, path: str, form: dict[str, str]) -> None:
    assert plain_words(read(as_ada, path, **form)) == set()


def test_pages_in_english_stay_as_they_are(as_alice: Client) -> None:
    with translation.override("en"):
        assert "⟦" not in as_alice.get("/").content.decode()
