"""Text that a member enters as a key does not blank the log for everybody."""

import json
import logging

import pytest
from django.conf import settings
from django.test import Client

from dashboard.keys import sealing
from dashboard.keys.models import ApiKey
from dashboard.logs import masking
from dashboard.logs.formatters import JsonFormatter
from dashboard.logs.masking import Structural
from tests.support.processes import ServerProcess

CHOSEN = [
    "/people/",
    "/accounts/login/",
    "accounts/password/change/",
    "dashboard.requests",
    "GET /people/ 200",
    "a" * 40,
]
KEY = "Kq7Vn2Lx0Tz9Wd4Rb6Ys"


@pytest.mark.parametrize("chosen", CHOSEN)
def test_it_learns_no_words_and_no_paths(chosen: str) -> None:
    masking.remember_secrets(chosen)
    assert masking.mask(f"Forbidden: {chosen} by nobody") == f"Forbidden: {chosen} by nobody"


def test_it_learns_a_key_of_no_known_shape() -> None:
    masking.remember_secrets(KEY)
    assert masking.mask(f"no such key: {KEY}.") == "no such key: …."


@pytest.mark.parametrize("form", [JsonFormatter()])
def test_it_leaves_the_structure_of_a_line_alone(form: logging.Formatter) -> None:
    masking.remember_secrets(KEY)
    path = Structural(f"/s/token-of-a-link/{KEY}")
    record = logging.LogRecord(KEY, logging.INFO, "", 1, "%s %s %s %s", (Structural("GET"), path, 200, KEY), None)
    record.fields = {"path": path, "method": Structural("GET"), "other": KEY}
    told = json.loads(form.format(record))
    assert (told["logger"], told["path"], told["other"]) == (KEY, f"/s/…/{KEY}", "…")
    assert told["message"] == f"GET /s/…/{KEY} 200 …"


def test_it_never_forgets_what_is_the_installations_own() -> None:
    sealing.current_keyring()  # masked from its first use on
    ours = [settings.SECRET_KEY, *(key.decode() for key in settings.KEYRING)]
    masking.remember_secrets(*(f"{number:012}-Another-key-abcdef-{number:06}" for number in range(masking.MOST * 2)))
    assert [masking.mask(one) for one in ours] == ["…"] * len(ours)


def test_it_remembers_a_bounded_number() -> None:
    masking.remember_secrets(*(f"{number:012}-Another-key-abcdef-{number:06}" for number in range(masking.MOST + 10)))
    assert len(masking._known._forms) == masking.MOST
    assert len(masking._known._by_tail) <= (masking.MOST + 10) * 12


@pytest.mark.parametrize("chosen", ["/people/", "people/person/", "Bearer abcdefgh", "{key: 1234}", "-leading-dash"])
def test_the_form_refuses_what_can_be_no_key(as_alice: Client, chosen: str) -> None:
    answer = as_alice.post("/keys/add", {"label": "main", "secret": chosen})
    assert answer.status_code == 422
    assert "A key contains only letters, digits and . _" in answer.content.decode()
    assert not ApiKey.objects.exists()


@pytest.mark.server
def test_a_key_that_is_a_path_blanks_no_line_after_a_restart(process: ServerProcess) -> None:
    process.env = {"LOG_FORMAT": "json"}
    process.act("key", owner="alice", secret="/people/", label="from before")
    process.start()
    with process.browser("admin") as admin:
        assert admin.get("/people/").status_code == 200
    process.eventually(lambda: any('"path": "/people/"' in line for line in process.output))
