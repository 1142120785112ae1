"""The job that reads copied files: real processes, real files, and readers that misbehave."""

import asyncio
import json
import os
import resource
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from dashboard.archive import file_reader, gateway_source, store
from dashboard.archive.file_reader import FileReader
from dashboard.archive.source_video import Fetch, SourceVideo
from dashboard.tasks import actions, rows
from dashboard.tasks.media_info import MediaInfo
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.upstream import client
from dashboard.videos import access, files, media_process, media_reader
from dashboard.videos.media_process import FileReport
from tests.archive.conftest import copy_of, keep
from tests.content.conftest import Videoed
from tests.support.gateway import Gateway
from tests.support.video_files import damaged, encode

Misbehave = Callable[[str], None]

DAMAGED_FILES = int(os.environ.get("DAMAGED_FILES", "300"))
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20)


def report_on(content: bytes, timeout: float = 60.0) -> FileReport:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return asyncio.run(media_process.read_file(file.fileno(), timeout=timeout))


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> Misbehave:
    """Runs a script instead of the reader."""

    def replace_by(script: str) -> None:
        monkeypatch.setattr(media_process, "COMMAND", (sys.executable, "-I", "-c", script))

    return replace_by


def read_all(fetch: Fetch | None = None) -> int:
    """Reads what can be read now. Returns how many videos were tried."""

    async def read() -> int:
        reader, count = FileReader(fetch), 0
        try:
            while await reader.read_next():
                count += 1
        finally:
            await reader.close()
            await client.close_shared()
            await sync_to_async(connections.close_all)()
        return count

    return asyncio.run(read())


def test_a_video_gets_its_facts_and_pictures() -> None:
    report = report_on(encode(sound=True))
    assert (report.info.width, report.info.height, report.info.video_codec) == (64, 36, "h264")
    assert {kind: media_process.is_webp(picture) for kind, picture in report.pictures.items()} == {
        "poster": True,
        "storyboard": True,
    }


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("import os; os.kill(os.getpid(), 11)", "its reader ended with status -11"),
        ("import sys; sys.exit(3)", "its reader ended with status 3"),
        ("import time; time.sleep(60)", "it took longer than 1 seconds to read"),
        ("import sys\nwhile True: sys.stdout.buffer.write(b'x' * 65536)", "its reader sent too much"),
        ("print('no json')", "its reader sent no report"),
        ("print('[' * 150000)", "its reader sent no report"),
        ("print('{\"poster_size\": 90}')", "its reader sent an incomplete report"),
        ("print('{\"poster_size\": 40}'); print('<script>'.ljust(39))", "something that isn't a picture"),
        ("print('{\"width\": 5}')", "it has no pictures"),
        ("print('[]')", "it has no pictures"),
    ],
)
def test_a_reader_that_misbehaves_costs_only_the_pictures(misbehave: Misbehave, script: str, problem: str) -> None:
    misbehave(script)
    report = report_on(encode(), timeout=1.0 if "sleep" in script else 60.0)
    assert problem in report.info.error
    assert not any(report.pictures.values())


@pytest.mark.parametrize(
    "act",
    [
        pytest.param("bytearray(2 * 1024**3)", id="memory"),
        pytest.param("os.write(os.open({path!r}, os.O_CREAT | os.O_WRONLY), b'x')", id="output"),
        pytest.param("[os.dup(0) for _ in range(50)]", id="open files"),
    ],
)
def test_its_limits_hold(misbehave: Misbehave, act: str, tmp_path: Path) -> None:
    path = tmp_path / "written"
    definitions = Path(media_reader.__file__).read_text().partition("def main")[0]
    misbehave(f"{definitions}\n{act.format(path=str(path))}\nprint('done')")
    assert report_on(encode()).info.error == "its reader sent no report"  # possible without limits
    path.unlink(missing_ok=True)
    misbehave(f"{definitions}\nset_limits()\n{act.format(path=str(path))}\nprint('done')")
    assert report_on(encode()).info.error == "its reader ended with status 1"
    assert not path.exists() or not path.read_text()


def test_a_playlist_opens_no_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for content in (f"#EXTM3U\n#EXTINF:1,\n{url}\n", f"ffconcat version 1.0\nfile '{url}'\n"):
            assert report_on(content.encode()).info.error == "it is in no format that is read"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_damaged_files_cost_only_their_own_pictures() -> None:
    """Every reader ends in time, this process stays small, and good files in between get their pictures."""
    good = encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def read() -> list[FileReport]:
        free = asyncio.Semaphore(4)

        async def one(content: bytes) -> FileReport:
            async with free:
                with tempfile.TemporaryFile() as file:
                    file.write(content)
                    file.flush()
                    file.seek(0)
                    return await media_process.read_file(file.fileno())

        contents = [content for _, content in islice(damaged(), DAMAGED_FILES)]
        reports = await asyncio.gather(*map(one, [*contents, *[good] * 10]))
        return reports[-10:]

    assert all(report.pictures["poster"] for report in asyncio.run(read()))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # kB


@pytest.fixture
def kept(videoed: Videoed) -> Task:
    task = videoed(video="short")
    keep(task)
    return task


@pytest.mark.django_db(transaction=True)
def test_the_job_stores_what_it_reads(kept: Task, data_dir: Path) -> None:
    version = Task.objects.get(pk=kept.pk).version
    assert read_all() == 1
    video = copy_of(kept)
    assert (video.media_info.width, video.media_info.height, video.read_until) == (640, 360, None)
    assert video.media_info.duration == pytest.approx(4.0, abs=0.05)
    for kind in files.PICTURE_KINDS:
        content = files.picture_path(video.pk, kind).read_bytes()
        assert media_process.is_webp(content)
        assert len(content) == getattr(video.media_info, f"{kind}_size")
    task = Task.objects.get(pk=kept.pk)
    assert task.version == version + 1
    assert TaskEvent.objects.of_task(kept.pk).filter(kind="pictures", version=task.version).count() == 1
    assert read_all() == 0


@pytest.mark.django_db(transaction=True)
def test_what_can_not_be_read_is_not_tried_again(videoed: Videoed, caplog: pytest.LogCaptureFixture) -> None:
    task = videoed()  # random bytes behind a video's first box
    keep(task)
    assert [read_all(), read_all()] == [1, 0]
    assert copy_of(task).media_info.error
    assert len([record for record in caplog.records if "has no pictures" in record.message]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_file_is_read_again(kept: Task) -> None:
    read_all()
    video = copy_of(kept)
    store.mark_missing(video)
    Video.objects.update(next_try_at=timezone.now(), file_sha256="")
    files.path_of(kept.pk).unlink()
    keep(kept)
    assert copy_of(kept).media is None
    assert read_all() == 1


@pytest.mark.django_db(transaction=True)
def test_a_report_on_a_replaced_file_is_dropped(kept: Task, data_dir: Path) -> None:
    video = copy_of(kept)
    Video.objects.update(file_sha256="0" * 64)
    assert not file_reader.store_report(video, FileReport(MediaInfo(width=1), {"poster": WEBP}))
    assert copy_of(kept).media is None
    assert not files.picture_path(video.pk, "poster").exists()


@pytest.mark.django_db(transaction=True)
def test_pictures_go_with_their_video(kept: Task, data_dir: Path) -> None:
    read_all()
    assert len([*(data_dir / "videos").rglob("*.*")]) >= 2
    files.remove(kept.pk)
    assert not any(path.is_file() for path in (data_dir / "videos").rglob("*"))


@pytest.mark.django_db(transaction=True)
def test_an_evicted_copy_has_no_pictures(kept: Task, videoed: Videoed) -> None:
    read_all()
    actions.remove([Task.objects.get(pk=kept.pk)])
    assert store.evict_removed(Video(pk=videoed().pk), 1) > 0
    assert copy_of(kept).media is None
    assert not files.picture_path(kept.pk, "poster").exists()


@pytest.mark.django_db(transaction=True)
def test_a_claim_expires_with_its_server(kept: Task) -> None:
    now = timezone.now()
    assert file_reader.claim_next(now) is not None
    assert file_reader.claim_next(now) is None
    assert file_reader.claim_next(now + file_reader.CLAIM + timedelta(seconds=1)) is not None


@pytest.mark.django_db(transaction=True)
def test_a_missing_file_is_checked_by_the_archiver(kept: Task) -> None:
    files.path_of(kept.pk).unlink()
    Video.objects.update(checked_at=None)
    assert read_all() == 1
    assert copy_of(kept).next_try_at <= timezone.now()  # type: ignore[operator]
    assert access.open_copy(copy_of(kept)) is None


def test_a_report_survives_any_json() -> None:
    values: list[object] = [
        None,
        5,
        "x",
        [],
        {"width": "9"},
        {"width": True, "fps": -1, "duration": 1e99, "error": ["x"]},
    ]
    for value in values:
        assert MediaInfo.from_json(json.loads(json.dumps(value))) == MediaInfo()
    assert MediaInfo.from_json({"error": "a\nb\u202e" + "c" * 900}).error == "ab" + "c" * 198
    assert MediaInfo.from_json({"width": 5}).to_json() == {"width": 5}


@pytest.mark.django_db(transaction=True)
def test_the_command_makes_what_is_missing(kept: Task, videoed: Videoed, capsys: pytest.CaptureFixture[str]) -> None:
    keep(videoed())
    call_command("videos", "pictures")
    assert capsys.readouterr().out.startswith("Files read: 2.")
    assert Video.objects.without_pictures().count() == 1
    assert copy_of(kept).media_info.poster_size
    call_command("videos", "pictures")
    assert "Files read: 0." in capsys.readouterr().out
    call_command("videos", "pictures", "--retry")
    assert "Files read: 1." in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_without_copies_the_beginning_is_read(videoed: Videoed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reader, "BEGINNING", 4_000)  # the video has more bytes
    task = videoed(video="short")
    assert read_all() == 0
    assert read_all(gateway_source.fetch) == 1
    video = copy_of(task)
    assert (video.kept_at, video.media_info.width, video.media_info.duration) == (None, 640, 4.0)
    assert media_process.is_webp(files.picture_path(task.pk, "poster").read_bytes())
    assert not files.picture_path(task.pk, "storyboard").exists()
    row = rows.row(Task.objects.get(pk=task.pk))
    assert (bool(row.poster_href), row.storyboard_href) == (True, "")
    assert read_all(gateway_source.fetch) == 0
    keep(task)
    assert copy_of(task).media is None  # the copy has more to tell


@pytest.mark.django_db(transaction=True)
def test_a_beginning_that_can_not_be_fetched_is_tried_again_later(videoed: Videoed, gateway: Gateway) -> None:
    task = videoed(video="short")
    gateway.fault("http-503", call="content", task=task.upstream_id)
    assert read_all(gateway_source.fetch) == 1
    video = copy_of(task)
    assert (video.media, read_all(gateway_source.fetch)) == (None, 0)
    assert video.read_until is not None
    assert video.read_until > timezone.now() + timedelta(minutes=50)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("problem", ["slow", "broken"])
def test_a_beginning_that_never_comes_holds_nothing_up(
    videoed: Videoed, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    monkeypatch.setattr(file_reader, "FETCH_TIMEOUT", 0.2)

    async def fetch(stack: AsyncExitStack, video: Video) -> SourceVideo:
        if problem == "broken":
            raise RuntimeError("not foreseen")
        await asyncio.sleep(3600)
        raise AssertionError("it was canceled")

    task = videoed(video="short")
    assert [read_all(fetch), read_all(fetch)] == [1, 0]
    video = copy_of(task)
    assert video.media is None
    assert video.read_until is not None
    assert video.read_until > timezone.now() + timedelta(minutes=50)


@pytest.mark.django_db(transaction=True)
def test_a_removed_task_waits_until_it_is_restored(kept: Task) -> None:
    actions.remove([Task.objects.get(pk=kept.pk)])
    assert read_all() == 0
    actions.restore([Task.objects.get(pk=kept.pk)])
    assert read_all() == 1
