"""The error page of DEBUG contains nothing that was typed into a secret field."""

import sys

import pytest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from dashboard.accounts import actions
from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.logs.error_report import Report

TYPED = "Typed+in/Secret=4711'<&"
KEY = "Typed+in/Secret=4711"
MIDDLE = "in/Secret="  # a separate name, because the page shows the lines of this file


@pytest.fixture
def failing(as_alice: Client, settings: Settings) -> Client:
    """Alice, on a server that shows its errors and can't encrypt anything."""
    as_alice.get("/healthz")  # loads the middleware, which would warn about other things with DEBUG
    settings.DEBUG = True
    settings.KEYRING = (b"not a key",)
    as_alice.raise_request_exception = False
    return as_alice


def test_it_shows_no_key_that_is_added(failing: Client) -> None:
    answer = failing.post("/keys/add", {"label": "main", "secret": f" {KEY}"})
    assert answer.status_code == 500
    assert "Traceback" in answer.content.decode()
    assert MIDDLE not in answer.content.decode()


def test_it_shows_no_key_that_replaces_another(alices_key: ApiKey, failing: Client) -> None:
    answer = failing.post(f"/keys/{alices_key.pk}/replace", {"secret": KEY}, headers={"Accept": "text/plain"})
    assert answer.status_code == 500
    assert "Traceback" in answer.content.decode()
    assert MIDDLE not in answer.content.decode()


@pytest.mark.parametrize("name", ["password", "oldpassword", "password1", "secret", "csrfmiddlewaretoken"])
@pytest.mark.parametrize("debug", [True, False])
def test_it_shows_no_secret_field_of_any_form(settings: Settings, name: str, debug: bool) -> None:
    settings.DEBUG = debug
    request = RequestFactory().post("/anywhere", {name: TYPED, "login": "alice"})
    try:
        held = request.POST[name]
        raise ValueError(f"what of {held}?")
    except ValueError:
        report = Report(request, *sys.exc_info())
    for page in (report.get_traceback_html(), report.get_traceback_text()):
        assert MIDDLE not in page
        assert "alice" in page


def test_it_shows_no_token_of_a_link(ada: User, failing: Client, settings: Settings) -> None:
    _, token = actions.invite(ada, "", False)
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": "there.is.no.such.Validator"}]
    form = {"username": "carl", "password1": TYPED, "password2": TYPED}
    answer = failing.post(f"/join/{token}", form)
    assert answer.status_code == 500
    assert token not in answer.content.decode()
    assert MIDDLE not in answer.content.decode()
