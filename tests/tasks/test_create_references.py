"""A new video from several images, videos and audio files, through the API that supports them."""

import io
import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.keys.models import ApiKey
from dashboard.tasks import api_choice
from dashboard.tasks.models import Task
from dashboard.upstream.apis import Api
from tests.support.gateway import Gateway

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(64)
MP3 = b"ID3\x04" + bytes(64)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64)
PATH = "/api/v3/contents/generations/tasks"


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url
    settings.VOLCENGINE_MODELS = ["volcengine*"]


def file(content: bytes, name: str) -> io.BytesIO:
    made = io.BytesIO(content)
    made.name = name
    return made


def form(key: ApiKey, /, **fields: object) -> dict[str, Any]:
    given = {"number": str(uuid.uuid4()), "key": str(key.pk), "model": "volcengine", "prompt": "A quiet sea"}
    return given | fields


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return dict(answer.context["form"].errors)


def test_every_role_goes_along(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    fields = form(
        alices_key,
        image_url="https://x.test/first.png",
        last_frame_files=file(PNG, "last.png"),
        reference_image_urls="https://x.test/a.png\nhttps://x.test/b.png\n",
        reference_image_files=[file(PNG, "c.png"), file(b"\xff\xd8\xff" + bytes(60), "d.jpg")],
        reference_video_files=[file(MP4, "e.mp4")],
        reference_audio_files=[file(MP3, "f.mp3"), file(WAV, "g.wav")],
        duration="5",
        width="1280",
        height="720",
    )
    answer = as_alice.post("/tasks/create", fields)
    task = Task.objects.get()
    assert answer.headers["Location"] == f"/tasks/{task.pk}"
    assert (task.api, task.upstream_id) == ("volcengine", gateway.tasks()[0]["id"])
    assert [entry["path"] for entry in gateway.log(call="create")] == [PATH]
    assert task.params["reference_image_urls"] == ["https://x.test/a.png", "https://x.test/b.png"]
    assert task.params["reference_image_files"] == ["c.png", "d.jpg"]
    assert task.params["last_frame_files"] == ["last.png"]
    again = as_alice.get(f"/tasks/create?again={task.pk}").context["form"]
    assert again["reference_image_urls"].value() == "https://x.test/a.png\nhttps://x.test/b.png"
    assert again.has_references


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"last_frame_urls": "https://x.test/1\nhttps://x.test/2"}, "last_frame_urls", "up to 1. You added 2."),
        ({"reference_video_urls": "https://x.test/1\n" * 4}, "reference_video_urls", "up to 3. You added 4."),
        ({"reference_image_urls": "https://x.test/1\n" * 10}, "reference_image_urls", "up to 9. You added 10."),
        (
            {"image_url": "https://x.test/0", "reference_image_urls": "https://x.test/1\n" * 9},
            "reference_image_urls",
            "Up to 9 images in total. You added 10.",
        ),
        ({"reference_image_urls": "ftp://x/1"}, "reference_image_urls", "“ftp://x/1” is not a URL."),
        ({"n": "2"}, "n", "one video at a time"),
        ({"width": "1280"}, "height", "both the width and the height"),
        ({"height": "720"}, "width", "both the width and the height"),
        ({"width": "1000", "height": "900"}, "width", "1000 × 900 isn't supported"),
        ({"metadata": '{"content": []}'}, "metadata", '"content" can\'t be set here'),
    ],
)
def test_what_the_model_does_not_take_is_named(
    as_alice: Client, alices_key: ApiKey, fields: dict[str, str], name: str, words: str
) -> None:
    answer = as_alice.post("/tasks/create", form(alices_key, **fields))
    assert words in " ".join(errors(answer)[name])
    assert not Task.objects.exists()
    for field, value in fields.items():
        assert answer.context["form"][field].value() == value  # none of the input is lost


@pytest.mark.parametrize(
    ("name", "content", "allowed"),
    [
        ("reference_image_files", b"<svg>", "PNG, JPEG or WebP"),
        ("reference_image_files", WAV, "PNG, JPEG or WebP"),
        ("reference_video_files", PNG, "MP4 or MOV"),
        ("reference_video_files", b"\x1a\x45\xdf\xa3" + bytes(60), "MP4 or MOV"),
        ("reference_audio_files", MP4, "MP3 or WAV"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    as_alice: Client, alices_key: ApiKey, name: str, content: bytes, allowed: str
) -> None:
    answer = as_alice.post("/tasks/create", form(alices_key, **{name: [file(content, "x.bin")]}))
    assert allowed in str(errors(answer)[name])


def test_large_files_are_refused_with_their_size(
    as_alice: Client, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.tasks.forms.MOST_UPLOADED", 2**20)
    big = [file(MP4 + bytes(700_000), f"{at}.mp4") for at in range(2)]
    answer = as_alice.post("/tasks/create", form(alices_key, reference_video_files=big))
    assert "These files total 1.3 MB. The limit is 1 MB." in str(errors(answer)["__all__"])


def test_another_model_says_that_it_takes_none(as_alice: Client, alices_key: ApiKey) -> None:
    answer = as_alice.post("/tasks/create", form(alices_key, model="amux", last_frame_urls="https://x.test/1"))
    assert "work with the models volcengine*." in str(errors(answer)["last_frame_urls"])


def test_the_fields_are_there_only_where_something_takes_them(
    as_alice: Client, alices_key: ApiKey, settings: Settings
) -> None:
    assert b"Reference images" in as_alice.get("/tasks/create").content
    settings.VOLCENGINE_MODELS = []
    assert b"Reference images" not in as_alice.get("/tasks/create").content


def test_a_key_may_choose_the_api(settings: Settings) -> None:
    settings.VOLCENGINE_MODELS, settings.VOLCENGINE_KEYS = ["doubao-*"], ["Ark*"]
    assert api_choice.api_for("Doubao-Seedance-2", "Team") is Api.VOLCENGINE
    assert api_choice.api_for("sora-2", "ark team") is Api.VOLCENGINE
    assert api_choice.api_for("sora-2", "Team") is Api.VIDEOS
    assert "work with the models doubao-* and the keys Ark*." in api_choice.why_no_references()
    settings.VOLCENGINE_MODELS, settings.VOLCENGINE_KEYS = [], []
    assert not api_choice.takes_references()
    assert api_choice.api_for("doubao-x", "Ark") is Api.VIDEOS
