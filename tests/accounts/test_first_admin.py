"""The first person to open the link that the server printed becomes the first admin."""

import stat
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts import first_admin
from dashboard.accounts.models import User
from dashboard.logs import masking

pytestmark = pytest.mark.django_db
CHOSEN = {"username": "ada", "password1": "correct horse battery", "password2": "correct horse battery"}


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_the_first_visitor_with_the_link_becomes_an_admin(client: Client, folder: Path) -> None:
    path = f"/setup/{first_admin.new_token()}"
    assert stat.S_IMODE((folder / "setup_link").stat().st_mode) == 0o600
    assert "Create admin account" in client.get(path).content.decode()
    answer = client.post(path, CHOSEN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/keys/")
    ada = User.objects.get()
    assert (ada.username, ada.is_admin, ada.check_password(CHOSEN["password1"])) == ("ada", True, True)
    assert client.get("/people/").status_code == 200
    assert not (folder / "setup_link").exists()
    second = Client().post(path, CHOSEN | {"username": "eve"})
    assert second.status_code == 404
    assert "can't be used" in second.content.decode()
    assert User.objects.count() == 1


def test_the_token_is_stored_as_a_hash(folder: Path) -> None:
    assert first_admin.new_token() not in (folder / "setup_link").read_text()


@pytest.mark.parametrize("end", ["an hour", "a member", "another start", "no start", "a broken file"])
def test_it_ends(client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    token = first_admin.new_token()
    if end == "an hour":
        now = first_admin.time.time()  # type: ignore[attr-defined]  # the module's own clock
        monkeypatch.setattr(first_admin.time, "time", lambda: now + first_admin.LIFE)  # type: ignore[attr-defined]
    elif end == "a member":
        User.objects.create_user("bob")
    elif end == "another start":
        first_admin.new_token()
    elif end == "no start":
        (folder / "setup_link").unlink()
    else:
        (folder / "setup_link").write_text("")
    assert client.get(f"/setup/{token}").status_code == 404
    assert client.post(f"/setup/{token}", CHOSEN).status_code == 404
    assert first_admin.create(token, "ada", CHOSEN["password1"]) is None
    assert not User.objects.filter(username="ada").exists()


def test_a_guess_opens_nothing(client: Client) -> None:
    first_admin.new_token()
    assert client.get("/setup/guess").status_code == 404


def test_what_is_wrong_is_named_and_the_name_kept(client: Client) -> None:
    answer = client.post(f"/setup/{first_admin.new_token()}", CHOSEN | {"password2": "another"})
    assert answer.status_code == 422
    assert 'value="ada"' in answer.content.decode()
    assert not User.objects.exists()


def test_the_log_does_not_show_the_token() -> None:
    token = "abcdefghijklmnopqrstuvwxyz012345"
    assert token not in masking.shapes_masked(f'GET "/setup/{token}" 200')
