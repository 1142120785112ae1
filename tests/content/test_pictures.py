"""Posters and storyboards: for whoever may see the video, and cached only by that browser."""

from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.sharing import actions as sharing
from dashboard.sharing.models import ShareLink
from dashboard.tasks import actions, rows
from dashboard.tasks.media_info import MediaInfo
from dashboard.tasks.models import Task, Video
from dashboard.videos import files

POSTER, STORYBOARD = b"RIFF\x10\0\0\0WEBPposter", b"RIFF\x10\0\0\0WEBPstoryboard"
SHA = "ab12" * 16
INFO = {"width": 720, "height": 1280, "duration": 6.0, "poster_size": len(POSTER), "storyboard_size": len(STORYBOARD)}


def add_pictures(video_id: UUID) -> None:
    Video.objects.filter(pk=video_id).update(media=INFO, file_sha256=SHA)
    files.prepare()
    files.write_picture(video_id, "poster", POSTER)
    files.write_picture(video_id, "storyboard", STORYBOARD)


@pytest.fixture
def task(video: Task, settings: Settings, tmp_path: Path) -> Task:
    settings.DATA_DIR = tmp_path
    add_pictures(video.pk)
    return Task.objects.get(pk=video.pk)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_owner_gets_them(task: Task, alice: User) -> None:
    row = rows.row(task)
    assert (row.width, row.height, row.duration, row.shape) == (720, 1280, 6.0, "tall")
    for href, content in ((row.poster_href, POSTER), (row.storyboard_href, STORYBOARD)):
        answer = signed_in(alice).get(href)
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, content, "image/webp")
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert signed_in(alice).head(href).content == b""


def test_a_url_of_another_file_is_not_kept(task: Task, alice: User) -> None:
    for query in ("", "?v=", "?v=other"):
        assert signed_in(alice).get(f"/tasks/{task.pk}/poster{query}")["Cache-Control"] == "private, no-cache"


def test_an_unchanged_picture_is_not_sent_again(task: Task, alice: User) -> None:
    client, href = signed_in(alice), f"/tasks/{task.pk}/poster"
    etag = client.get(href)["ETag"]
    assert etag.startswith('"')
    again = client.get(href, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert again["Cache-Control"] == "private, no-cache"
    assert client.get(f"/tasks/{task.pk}/storyboard", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("kind", ["poster", "storyboard"])
def test_nobody_else_gets_them(task: Task, alice: User, bob: User, kind: str) -> None:
    path = f"/tasks/{task.pk}/{kind}"
    assert signed_in(bob).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    other_site = {"Sec-Fetch-Site": "cross-site"}
    assert signed_in(alice).get(path, headers=other_site).status_code == 403
    assert signed_in(alice).post(path).status_code == 405


@pytest.mark.parametrize("kind", ["poster", "storyboard"])
def test_a_link_shows_them_for_as_long_as_it_works(task: Task, alice: User, bob: User, kind: str) -> None:
    token = sharing.share(task, alice)[1]
    path = f"/s/{token}/{kind}"
    assert signed_in(bob).get(path).status_code == 200
    assert Client().get(path).status_code == 302
    assert f"/s/{token}/poster?v={SHA[:12]}" in signed_in(bob).get(f"/s/{token}").content.decode()
    sharing.revoke(ShareLink.objects.get())
    assert signed_in(bob).get(path).status_code == 404


def test_a_removed_task_shows_none(task: Task, alice: User) -> None:
    actions.remove([task])
    assert signed_in(alice).get(f"/tasks/{task.pk}/poster").status_code == 404


def test_each_video_has_its_own(task: Task, alice: User) -> None:
    second = Video.objects.create(task=task, position=2)
    client = signed_in(alice)
    assert client.get(f"/tasks/{task.pk}/poster?video=2").status_code == 404
    add_pictures(second.pk)
    files.write_picture(second.pk, "poster", POSTER + b"2")
    assert client.get(f"/tasks/{task.pk}/poster?video=2").content == POSTER + b"2"
    assert f"poster?video=2&amp;v={SHA[:12]}" in client.get(f"/tasks/{task.pk}?video=2").content.decode()
    assert client.get(f"/tasks/{task.pk}/poster?video=3").status_code == 404


def test_a_picture_whose_file_is_gone_is_404(task: Task, alice: User) -> None:
    files.picture_path(task.pk, "poster").unlink()
    assert signed_in(alice).get(f"/tasks/{task.pk}/poster").status_code == 404


def test_the_file_is_believed_and_the_gateway_quoted(task: Task, alice: User) -> None:
    Task.objects.filter(pk=task.pk).update(width=1280, height=720, duration=5.0, fps=24)
    page = signed_in(alice).get(f"/tasks/{task.pk}").content.decode()
    assert "720 × 1280 px" in page
    assert "Reported by the gateway" in page
    assert "1280 × 720 px, 5 s" in page
    assert 'width="720"' in page


def test_a_profile_that_browsers_do_not_decode_is_named() -> None:
    usual = MediaInfo(video_codec="h264", profile="High", pixel_format="yuv420p")
    deep = MediaInfo(video_codec="h264", profile="High 10", pixel_format="yuv420p10le")
    assert [(info.codec_name, info.support) for info in (usual, deep)] == [
        ("H.264", "all"),
        ("H.264 (High 10)", "none"),
    ]
    assert deep.codec_type != usual.codec_type
