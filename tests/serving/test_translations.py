"""The texts of the scripts in another language: a module made of a catalog, which pages in that language link to."""

import json
import logging
import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from tests.support.mo_files import write_catalog

ADDRESS = "/translations/pl.js"
RULE = "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)"
POLISH = {
    "Dismiss": "Zamknij",
    "%(count)s task\0%(count)s tasks": "%(count)s zadanie\0%(count)s zadania\0%(count)s zadań",
    "Markup": "</script><!-- \u2028 \"'\\",
}


@pytest.fixture
def locale(tmp_path: Path, settings: Settings) -> Path:
    settings.LANGUAGES = [("en", "English"), ("pl", "polski"), ("de", "Deutsch")]
    settings.LOCALE_PATHS = [tmp_path]
    write_catalog(tmp_path, "pl", "djangojs", f"nplurals=3; plural={RULE};", POLISH)
    return tmp_path


def parsed(module: str) -> tuple[dict[str, object], str]:
    """Returns the texts and the plural rule of a module."""
    found = re.fullmatch(r"export const messages = (.+);\nexport const plural = \(n\) => Number\((.+)\);\n", module)
    assert found
    return json.loads(found[1]), found[2]


def link_on(page: bytes) -> str:
    found = re.search(r'<link rel="modulepreload" id="translations" href="([^"]*)">', page.decode())
    return found[1] if found else ""


def test_it_holds_the_texts_and_the_rule_of_the_catalog(client: Client, locale: Path) -> None:
    answer = client.get(ADDRESS)
    messages, rule = parsed(answer.content.decode())
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert rule == RULE
    assert messages == {
        "Dismiss": "Zamknij",
        "%(count)s task": ["%(count)s zadanie", "%(count)s zadania", "%(count)s zadań"],
        "Markup": POLISH["Markup"],
    }


def test_no_text_can_end_the_script(client: Client, locale: Path) -> None:
    body = client.get(ADDRESS).content
    assert body.isascii()
    assert b"<" not in body.partition(b"\n")[0]


def test_a_catalog_without_a_rule_has_the_usual_one(client: Client, locale: Path) -> None:
    path = write_catalog(locale, "de", "djangojs", "nplurals=2; plural=n != 1;", {"Dismiss": "Schließen"})
    path.write_bytes(path.read_bytes().replace(b"Plural-Forms", b"Other-Header"))
    assert parsed(client.get("/translations/de.js").content.decode())[1] == "(n != 1)"


def test_it_is_kept_under_its_version_only(client: Client, locale: Path) -> None:
    href = link_on(client.get("/accounts/login/", headers={"Accept-Language": "pl"}).content)
    assert re.fullmatch(rf"{ADDRESS}\?v=[0-9a-f]{{12}}", href)
    caching = {path: client.get(path).headers["Cache-Control"] for path in (href, ADDRESS, f"{ADDRESS}?v=0123456789ab")}
    assert [*caching.values()] == ["public, max-age=31536000, immutable", "no-cache", "no-cache"]


def test_it_is_the_same_for_everybody(client: Client, locale: Path, alice: User) -> None:
    answers = [client.get(ADDRESS)]
    client.force_login(alice)
    answers.append(client.get(ADDRESS, headers={"Accept-Language": "de"}))
    assert answers[0].content == answers[1].content
    assert [answer.headers.get(name) for answer in answers for name in ("Vary", "Content-Language")] == [None] * 4
    assert not answers[1].cookies


def test_another_catalog_is_another_version(
    client: Client, locale: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    polish = {"Accept-Language": "pl"}
    before = link_on(client.get("/accounts/login/", headers=polish).content)
    other = tmp_path_factory.mktemp("locale")
    settings.LOCALE_PATHS = [other]
    write_catalog(other, "pl", "djangojs", f"nplurals=3; plural={RULE};", {"Dismiss": "Odrzuć"})
    after = link_on(client.get("/accounts/login/", headers=polish).content)
    assert "" != before != after != ""


@pytest.mark.parametrize("language", ["en", "de", "fr", "PL", "..", "%2e%2e/pl", "pl/LC_MESSAGES"])
@pytest.mark.django_db
def test_no_other_language_has_one(client: Client, locale: Path, language: str) -> None:
    assert client.get(f"/translations/{language}.js").status_code == 404


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_in_another_language_has_no_link(client: Client, locale: Path, language: str) -> None:
    page = client.get("/accounts/login/", headers={"Accept-Language": language}).content
    assert b'id="translations"' not in page
    assert f'<html lang="{language}"'.encode() in page


@pytest.mark.parametrize(
    "plural_forms",
    ["nplurals=2; plural=n != 1 ? alert(1) : 0;", "nplurals=2; plural=n/2;", "nplurals=2", "plural=", "x; plural=n"],
)
@pytest.mark.django_db
def test_a_catalog_with_another_rule_is_ignored(
    client: Client, locale: Path, plural_forms: str, caplog: pytest.LogCaptureFixture
) -> None:
    write_catalog(locale, "de", "djangojs", plural_forms, {"Dismiss": "Schließen"})
    with caplog.at_level(logging.ERROR):
        assert client.get("/translations/de.js").status_code == 404
    assert "can't be read" in caplog.text
    assert client.get("/accounts/login/", headers={"Accept-Language": "de"}).status_code == 200


@pytest.mark.parametrize("size", [0, 3, 30, 100])
@pytest.mark.django_db
def test_a_catalog_that_is_cut_short_is_ignored(client: Client, locale: Path, size: int) -> None:
    path = write_catalog(locale, "de", "djangojs", "nplurals=2; plural=n != 1;", {"Dismiss": "Schließen"})
    path.write_bytes(path.read_bytes()[:size])
    assert client.get("/translations/de.js").status_code == 404


@pytest.mark.django_db
def test_it_only_reads(client: Client, locale: Path) -> None:
    assert client.post(ADDRESS).status_code == 405
    assert client.head(ADDRESS).status_code == 200
