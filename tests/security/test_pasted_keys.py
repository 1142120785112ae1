"""A key that was pasted in place of a task ID, a search or a name is not stored, sent, logged or shown again."""

import itertools
import time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.tasks import states
from dashboard.tasks.models import Task, TaskTag
from dashboard.upstream import client, credentials
from dashboard.upstream.secret import Secret
from tests.support.cast import make_task
from tests.support.gateway import BOB_KEY, Gateway

KEY = "sk-Zx9canary0000000000"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"
PLAIN = "0123456789abcdef0123456789canary"
IN_COMMANDS = {
    "curl": f"curl https://api.amux.ai/v1/videos/task-7777 -H 'Authorization: Bearer {KEY}'",
    "json": f'curl -X GET "https://h/v1/video/generations/task-7777" -H "Authorization: Bearer {PLAIN}" -d a',
    "lines": f"curl --request GET \\\n  --url https://h/v1/videos/task-7777 \\\n  --header 'authorization: {PLAIN}'",
    "api key": f"curl https://h/v1/videos/task-7777 -H 'x-api-key: {PLAIN}'",
    "user": f"curl -u me:{PLAIN} https://h/v1/videos/task-7777",
    "cookie": f"curl https://h/v1/videos/task-7777 -H 'Cookie: session={PLAIN}'",
    "address": f"https://me:{PLAIN}@h/v1/videos/task-7777",
    "query": f"https://h/v1/videos/task-7777?api_key={PLAIN}",
    "bare": f"task-7777 {KEY}",
    "token": f"task-7777 {JWT}",
    "bearer": f"task-7777 Bearer {PLAIN}",
    "python": f'task-7777 {{"Authorization": "Bearer {KEY}"}}',
}
SECRETS = (KEY, JWT, PLAIN, "canary")


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url
    gateway.add_task(id="task-7777")


def check_nowhere(page: str, gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    everything = [page, caplog.text, str(gateway.log()), str([*Task.objects.values()])]
    assert not [secret for secret in SECRETS for text in everything if secret in text]


@pytest.mark.parametrize("paste", IN_COMMANDS.values(), ids=IN_COMMANDS.keys())
def test_tracking_takes_the_id_and_leaves_the_key(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway, caplog: pytest.LogCaptureFixture, paste: str
) -> None:
    answer = as_alice.post("/tasks/track", {"task_ids": paste})
    check_nowhere(answer.content.decode(), gateway, caplog)
    assert [task.upstream_id for task in Task.objects.all()] == ["task-7777"]
    assert "Your paste contained an API key" in answer.content.decode()


def test_it_tells_what_was_left_out(as_alice: Client, alices_key: ApiKey) -> None:
    outcome = as_alice.post("/tasks/track", {"task_ids": IN_COMMANDS["curl"]}).context["results"]
    assert {line.text for line in outcome if "was ignored" in line.message} == {"curl", "-H"}


def test_a_form_that_comes_back_holds_the_rest(as_alice: Client, gateway: Gateway) -> None:
    page = as_alice.post("/tasks/track", {"task_ids": IN_COMMANDS["curl"]})
    assert (page.status_code, KEY in page.content.decode()) == (422, False)
    assert "task-7777" in page.content.decode()


def test_ones_own_key_is_known_whatever_it_looks_like(as_alice: Client, alice: User, gateway: Gateway) -> None:
    key_actions.add(alice, "Plain", Secret(PLAIN))
    page = as_alice.post("/tasks/track", {"task_ids": f"task-7777 {PLAIN}"}).content.decode()
    assert PLAIN not in page
    assert [task.upstream_id for task in Task.objects.all()] == ["task-7777"]


def test_a_key_is_not_asked_for(gateway: Gateway) -> None:
    for secret in (KEY, JWT):
        with pytest.raises(ValueError, match="looks like an API key") as raised:
            client.valid_task_id(secret)
        assert secret not in str(raised.value)


@pytest.mark.parametrize("field", ["q", "model"])
@pytest.mark.parametrize("secret", [KEY, JWT, f"Bearer {PLAIN}", f"Authorization: {PLAIN}", BOB_KEY])
@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_a_search_is_led_away_from_its_address(
    as_alice: Client, bobs_key: ApiKey, field: str, secret: str, htmx: dict[str, str]
) -> None:
    answer = as_alice.get("/", {field: secret}, headers=htmx)
    assert answer.headers.get("HX-Redirect" if htmx else "Location") == "/"
    page = as_alice.get("/").content.decode()
    assert "consider replacing that key" in page
    assert secret not in page


def test_a_label_is_refused_and_not_put_back(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/label", {"label": f"mine {KEY}"})
    assert (answer.status_code, KEY in answer.content.decode()) == (422, False)
    assert "mine removed-key" in answer.content.decode()
    assert Task.objects.get().label == alices_task.label


def test_nor_a_tag(as_alice: Client, alices_task: Task) -> None:
    as_alice.post("/tasks/bulk/tag", {"new_tag": KEY, "ids": str(alices_task.pk)})
    answer = as_alice.post(f"/tasks/{alices_task.pk}/tags", {"tags": f"mine, {KEY}"})
    assert (answer.status_code, KEY in answer.content.decode()) == (422, False)
    assert not TaskTag.objects.exists()
    assert "looks like an API key" in as_alice.get("/").content.decode()


def test_nor_the_name_of_a_key(as_alice: Client) -> None:
    answer = as_alice.post("/keys/add", {"label": KEY, "secret": KEY})
    assert (answer.status_code, KEY in answer.content.decode()) == (422, False)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("field", ["model", "prompt"])
def test_nor_the_words_for_a_video(as_alice: Client, alices_key: ApiKey, gateway: Gateway, field: str) -> None:
    given = {"key": str(alices_key.pk), "model": "amux", "prompt": "A fox"} | {field: f"a {KEY}"}
    answer = as_alice.post("/tasks/create", given)
    assert (answer.status_code, KEY in answer.content.decode()) == (422, False)
    assert gateway.log() == []


def test_nor_an_id_entered_by_hand(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, upstream_id="x", condition=states.UNCONFIRMED)
    Task.objects.update(upstream_id="")
    page = as_alice.post(f"/tasks/{task.pk}/adopt", {"upstream_id": KEY}, follow=True).content.decode()
    assert ("looks like an API key" in page, KEY in page) == (True, False)
    assert Task.objects.get().upstream_id == ""


ORDINARY = [
    *("task-7777", "cgt-20250101-abc", "video_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOm9wZW5haQ==", "dmlkZW8/+b="),
    *("desk-lamp", "sk-SK", "task-sk-1", "0b1c9f7e-1111-4222-8333-444455556666", "https://h/v1/videos/a?x=1"),
    *("The bearer of bad news", "An authorization desk", "cookie monster, 4k"),
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_and_ids_are_left_alone(text: str) -> None:
    assert not credentials.are_in(text)


PIECES = [
    "authorization:",
    "Authorization",
    "Bearer ",
    "sk-",
    "eyJ",
    "eyJaaaaaaaaa",
    "a",
    "://",
    "://a:",
    "-u ",
    "a.",
    " ",
]
PIECES += ["api_key", "cookie:", "reelboard_session=", "-u a", "bearer a", "\\", '"', "=", ":", "9", "-", "_"]


@pytest.mark.alone
@pytest.mark.parametrize("piece", PIECES)
def test_looking_for_them_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    def cost(size: int) -> float:
        text = (piece * size)[:size]
        return min(_timed(text) for _ in itertools.repeat(None, 3))

    assert cost(32_768) < 0.02
    assert cost(65_536) < 0.04


def _timed(text: str) -> float:
    began = time.process_time()
    credentials.redacted(text)
    return time.process_time() - began
