"""The language of pages: the member's, else the one chosen in this browser, else the browser's."""

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from tests.support import mo_files
from tests.support.cast import PASSWORD

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def two_languages(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]


def language_of(client: Client, path: str = "/accounts/login/", **headers: str) -> str:
    page = client.get(path, headers=headers).content.decode()
    found = re.search(r'<html lang="([^"]*)"', page)
    assert found, page
    return found[1]


def test_without_a_choice_it_is_that_of_the_browser(visitor: Client) -> None:
    assert language_of(visitor) == "en"
    assert language_of(visitor, **GERMAN) == "de"
    assert language_of(visitor, **{"Accept-Language": "xx,*;q=0.1"}) == "en"


def test_it_is_chosen_at_the_sign_in(visitor: Client) -> None:
    assert "Deutsch" in visitor.get("/accounts/login/").content.decode()
    page = "http://testserver/accounts/login/?next=/keys/"
    answer = visitor.post("/language", {"language": "de"}, headers={"Referer": page})
    assert answer.headers["Location"] == page
    assert language_of(visitor) == "de"
    assert language_of(visitor, **{"Accept-Language": "en"}) == "de"


def test_a_members_choice_goes_along_to_other_browsers(as_alice: Client, alice: User) -> None:
    as_alice.post("/language", {"language": "de"})
    assert language_of(as_alice, "/") == "de"
    alice.refresh_from_db()
    assert alice.language == "de"
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert language_of(elsewhere, "/", **{"Accept-Language": "en"}) == "de"


def test_what_is_said_of_a_new_language_is_in_that_language(
    as_alice: Client, settings: Settings, tmp_path: Path
) -> None:
    mo_files.write_catalog(tmp_path, "de", "django", "nplurals=2; plural=(n != 1);", {"Profile saved.": "Gespeichert."})
    settings.LOCALE_PATHS = [tmp_path]
    page = as_alice.post("/profile", {"full_name": "", "email": "", "theme": "", "language": "de"}, follow=True)
    assert "Gespeichert." in page.content.decode()


def test_the_choice_of_one_member_is_not_that_of_the_next(as_alice: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="de")
    browser = Client()
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert language_of(browser, "/") == "de"
    browser.post("/accounts/logout/")
    browser.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert language_of(browser, "/") == "en"


def test_it_is_chosen_in_the_profile(as_alice: Client, alice: User) -> None:
    as_alice.post("/profile", {"language": "de"})
    assert language_of(as_alice, "/") == "de"
    as_alice.post("/profile", {"language": ""})
    assert language_of(as_alice, "/") == "en"
    assert as_alice.post("/profile", {"language": "xx"}).status_code == 422


@pytest.mark.parametrize("language", ["", "xx", "../de", "de\x00", "zh-hans"])
def test_an_unknown_language_changes_nothing(as_alice: Client, alice: User, settings: Settings, language: str) -> None:
    answer = as_alice.post("/language", {"language": language})
    assert answer.status_code == 302
    assert not answer.cookies
    alice.refresh_from_db()
    assert alice.language == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(as_alice: Client, target: str) -> None:
    answer = as_alice.post("/language", {"language": "de"}, headers={"Referer": target})
    assert answer.headers["Location"] == "/"


def test_a_language_that_is_gone_is_as_if_not_chosen(as_alice: Client, settings: Settings) -> None:
    as_alice.post("/language", {"language": "de"})
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]
    assert language_of(as_alice, "/") == "en"


def test_with_one_language_there_is_nothing_to_choose(as_alice: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]
    assert 'action="/language"' not in as_alice.get("/").content.decode()
