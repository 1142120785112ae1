"""Creating a task from the form."""

import io
import uuid

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, create_views, states, submission
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream import errors, status_errors
from tests.support.gateway import Gateway

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url


def wish(key: ApiKey, /, **fields: object) -> dict[str, object]:
    return {"number": str(uuid.uuid4()), "key": str(key.pk), "model": "amux", "prompt": "A quiet sea"} | fields


def test_it_starts_a_video_and_leads_to_its_page(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    answer = as_alice.post("/tasks/create", wish(alices_key))
    task = Task.objects.get()
    assert answer.headers["Location"] == f"/tasks/{task.pk}"
    assert [one["id"] for one in gateway.tasks()] == [task.upstream_id]
    assert (task.status, task.condition, task.origin) == ("queued", "", "created")


def test_it_is_asked_for_after_the_first_delay(as_alice: Client, alices_key: ApiKey, settings: Settings) -> None:
    settings.POLL_FIRST = 7
    as_alice.post("/tasks/create", wish(alices_key))
    task = Task.objects.get()
    assert task.next_poll_at is not None
    assert 6 < (task.next_poll_at - task.created_at).total_seconds() < 12


def test_it_sends_what_was_given_and_nothing_else(as_alice: Client, alices_key: ApiKey) -> None:
    as_alice.post("/tasks/create", wish(alices_key, duration="2.5", width="640", metadata='{"aspect_ratio": "1:1"}'))
    assert Task.objects.get().params == {
        "model": "amux",
        "prompt": "A quiet sea",
        "duration": 2.5,
        "width": 640,
        "metadata": {"aspect_ratio": "1:1"},
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("model", "", "Enter a model."),
        ("prompt", " ", "Enter a prompt."),
        ("duration", "0", "a duration from 0.1 to 600"),
        ("duration", "nan", "a duration from 0.1 to 600"),
        ("width", "15", "a whole number from 16 to 8,192"),
        ("height", "tall", "a whole number from 16 to 8,192"),
        ("fps", "241", "a whole number from 1 to 240"),
        ("seed", "-1", "a whole number from 0 to"),
        ("n", "11", "a whole number from 1 to 10"),
        ("metadata", "{", "This isn't valid JSON. Line 1, column 2"),
        ("metadata", "[1]", "Enter a JSON object"),
        ("metadata", '{"a": NaN}', "NaN is not allowed"),
        ("metadata", "[" * 9000, "JSON"),
        ("metadata", '{"a": 1e999}', "too large a number"),
        ("metadata", '{"a": "\\u0000"}', "Metadata contains a character"),
        ("metadata", '{"a": "\\ud800"}', "Metadata contains a character"),
        ("image_url", "ftp//x", "Enter a URL"),
        ("key", "", "Select an API key"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(
    as_alice: Client, alices_key: ApiKey, field: str, value: str, words: str
) -> None:
    answer = as_alice.post("/tasks/create", wish(alices_key, **{"prompt": "Keep me", field: value}))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert answer.context["form"]["model"].value() is not None
    assert not Task.objects.exists()


def test_it_takes_an_image_file_and_keeps_only_its_name(as_alice: Client, alices_key: ApiKey) -> None:
    file = io.BytesIO(PNG)
    file.name = "first-frame.png"
    as_alice.post("/tasks/create", wish(alices_key, image_file=file))
    assert Task.objects.get().params["image_file"] == "first-frame.png"


def test_it_refuses_a_file_that_is_no_image(as_alice: Client, alices_key: ApiKey) -> None:
    file = io.BytesIO(b"<svg onload=alert(1)>")
    file.name = "x.png"
    answer = as_alice.post("/tasks/create", wish(alices_key, image_file=file))
    assert "PNG, JPEG or WebP" in str(answer.context["form"].errors["image_file"])


def test_a_form_sent_twice_starts_one_video(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    form = wish(alices_key)
    first, second = as_alice.post("/tasks/create", form), as_alice.post("/tasks/create", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(gateway.tasks()) == 1


def test_a_clear_no_brings_the_form_back_and_leaves_no_row(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway
) -> None:
    gateway.fault("http-429", "create")
    answer = as_alice.post("/tasks/create", wish(alices_key))
    assert answer.status_code == 422
    assert "Nothing was started" in answer.content.decode()
    assert not Task.objects.exists()
    assert list(TaskEvent.objects.values_list("kind", flat=True)) == ["created", "deleted"]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            errors.Rejected("余额不足"),
            "There isn't enough balance or quota. Nothing was started. The gateway says: 余额不足",
        ),
        (errors.Rejected("Not today."), "Nothing was started. The gateway says: Not today."),
        (errors.Rejected(status_errors.REFUSED), "The gateway refused this task. Nothing was started."),
        (errors.RateLimited("The gateway is rate limiting this key."), "rate limiting this key. Nothing was started."),
    ],
)
def test_a_refusal_tells_our_words_from_the_gateways(error: errors.UpstreamError, text: str) -> None:
    assert create_views.explanation(error).endswith(text)


def test_a_refused_key_is_said_beside_the_key(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    gateway.remove_key("sk-test-alice-000000001111")
    answer = as_alice.post("/tasks/create", wish(alices_key))
    assert "Nothing was started" in str(answer.context["form"].errors["key"])


def test_an_uncertain_answer_keeps_the_row_and_is_never_sent_again(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway
) -> None:
    gateway.fault("http-500", "create")
    form = wish(alices_key)
    as_alice.post("/tasks/create", form)
    as_alice.post("/tasks/create", form)
    task = Task.objects.get()
    assert (task.condition, task.upstream_id, task.next_poll_at) == (states.UNCONFIRMED, "", None)
    assert len(gateway.log(call="create")) == 1


def test_a_gateway_that_is_down_started_nothing(as_alice: Client, alices_key: ApiKey, settings: Settings) -> None:
    settings.AMUX_BASE_URL = "http://127.0.0.1:1"
    answer = as_alice.post("/tasks/create", wish(alices_key))
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_an_intent_whose_sender_died_becomes_uncertain(alices_task: Task) -> None:
    old = alices_task.created_at - submission.SUBMISSION_TIMEOUT * 2
    Task.objects.update(condition=states.SUBMITTING, upstream_id="", created_at=old)
    assert submission.mark_interrupted() == 1
    assert Task.objects.get().condition == states.UNCONFIRMED


def test_an_uncertain_one_takes_the_id_that_was_found(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(condition=states.UNCONFIRMED, upstream_id="", next_poll_at=None)
    as_alice.post(f"/tasks/{alices_task.pk}/adopt", {"upstream_id": "found-7"})
    task = Task.objects.get()
    assert (task.upstream_id, task.condition) == ("found-7", "")
    assert task.next_poll_at is not None


def test_an_id_of_another_row_is_not_attached(as_alice: Client, alices_key: ApiKey, alices_task: Task) -> None:
    actions.track(alices_task.owner, alices_key, "taken")
    Task.objects.filter(pk=alices_task.pk).update(condition=states.UNCONFIRMED, upstream_id="")
    as_alice.post(f"/tasks/{alices_task.pk}/adopt", {"upstream_id": "taken"})
    alices_task.refresh_from_db()
    assert alices_task.upstream_id == ""


def test_a_label_given_while_it_is_submitted_does_not_cost_the_id(alices_task: Task) -> None:
    Task.objects.update(condition=states.UNCONFIRMED, upstream_id="", next_poll_at=None)
    stale = Task.objects.get()
    actions.label([Task.objects.get()], "Named meanwhile")
    assert submission.attach_upstream_id(stale, "paid-for")
    task = Task.objects.get()
    assert (task.upstream_id, task.label, task.condition) == ("paid-for", "Named meanwhile", "")


def test_an_id_given_out_twice_leaves_the_second_row_uncertain(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway
) -> None:
    as_alice.post("/tasks/create", wish(alices_key))
    taken = Task.objects.get()
    gateway.fault("http-200", "create", settings={"body": f'{{"task_id": "{taken.upstream_id}", "status": "queued"}}'})
    as_alice.post("/tasks/create", wish(alices_key))
    second = Task.objects.exclude(pk=taken.pk).get()
    assert (second.condition, second.upstream_id) == (states.UNCONFIRMED, "")
    assert taken.upstream_id in second.raw


def test_run_again_fills_the_form(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(model="amux", params={"seed": 7, "metadata": {"a": 1}, "image": "https://x.test/a.png"})
    form = as_alice.get(f"/tasks/create?again={alices_task.pk}").context["form"]
    assert form["prompt"].value() == "A sunset over the sea"
    assert (form["seed"].value(), form["image_url"].value()) == (7, "https://x.test/a.png")
    assert form["key"].value() == alices_task.key_id


def test_run_again_of_a_strangers_task_is_not_found(as_bob: Client, alices_task: Task) -> None:
    assert as_bob.get(f"/tasks/create?again={alices_task.pk}").status_code == 404


def test_somebody_elses_number_gives_nothing_away(as_bob: Client, bobs_key: ApiKey, alices_task: Task) -> None:
    answer = as_bob.post("/tasks/create", wish(bobs_key, number=str(alices_task.pk)))
    assert answer.status_code == 404


def test_a_visitor_signs_in_first(visitor: Client) -> None:
    assert visitor.get("/tasks/create").headers["Location"].startswith("/accounts/login/")


def test_every_task_of_one_request_is_tracked(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    gateway.fault("http-200", "create", settings={"body": '{"data": [{"task_id": "a1"}, {"task_id": "b2"}]}'})
    as_alice.post("/tasks/create", wish(alices_key))
    found = Task.objects.order_by("upstream_id")
    assert [(task.upstream_id, task.condition, task.prompt == found[0].prompt) for task in found] == [
        ("a1", "", True),
        ("b2", "", True),
    ]
    assert all(task.next_poll_at and task.key_id == alices_key.pk for task in found)


def test_an_id_in_such_an_answer_is_watched_with_one_click(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway
) -> None:
    body = '{"code": "success", "data": {"id": "77"}, "request_id": "req-5"}'
    gateway.fault("http-200", "create", settings={"body": body})
    as_alice.post("/tasks/create", wish(alices_key))
    task = Task.objects.get()
    assert task.condition == states.UNCONFIRMED
    page = as_alice.get(f"/tasks/{task.pk}").content.decode()
    assert 'name="upstream_id" value="req-5"' in page
    as_alice.post(f"/tasks/{task.pk}/adopt", {"upstream_id": "req-5"})
    task.refresh_from_db()
    assert (task.upstream_id, task.condition) == ("req-5", "")
