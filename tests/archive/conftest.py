"""An archiver with the tests' database, and alice's videos for it to copy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from pytest_django.fixtures import Settings

from dashboard.archive import gateway_source
from dashboard.archive.archiver import Archiver
from dashboard.demo.video_files import random_video
from dashboard.tasks.models import Task, Video
from dashboard.upstream import client
from dashboard.videos import files
from tests.content.conftest import alice, bob, browser, known_gateway, server, videoed
from tests.support.wait import until_async

__all__ = ["alice", "bob", "browser", "known_gateway", "server", "videoed"]

VIDEO = random_video()


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    # For separate processes.
    (tmp_path / "keyring").write_bytes(b",".join(settings.KEYRING))
    (tmp_path / "secret_key").write_text(settings.SECRET_KEY)
    return tmp_path


@asynccontextmanager
async def archiving_videos() -> AsyncIterator[Archiver]:
    archiver = Archiver(gateway_source.fetch)
    running = asyncio.create_task(archiver.run())
    try:
        yield archiver
    finally:
        running.cancel()
        await asyncio.wait([running])
        await client.close_shared()
        await sync_to_async(connections.close_all)()  # those of its threads, to be able to drop the database


async def archive_until(holds: Callable[[], bool], within: float = 15.0) -> None:
    """Runs an archiver until the condition holds."""
    async with archiving_videos():
        await until_async(sync_to_async(holds), within)


def keep(*tasks: Task) -> None:
    """Runs an archiver until all of them are copied."""
    asyncio.run(archive_until(lambda: are_kept(*tasks)))


def are_kept(*tasks: Task) -> bool:
    return all(copy_of(task).kept_at for task in tasks)


def tried(task: Task, times: int = 1) -> Callable[[], bool]:
    """Returns a check for that many consecutive failures."""
    return Video.objects.filter(pk=task.pk, tries__gte=times).exists


def copy_of(task: Task) -> Video:
    return Video.objects.get(pk=task.pk)


def everything_in(data_dir: Path) -> list[Path]:
    """Returns all files of the archive, including partial ones."""
    return [path for path in (data_dir / "videos").rglob("*") if path.is_file()]


def check_kept(task: Task, video: bytes = VIDEO) -> None:
    """Checks that the row, the task and the file agree."""
    copy = copy_of(task)
    assert files.path_of(task.pk).read_bytes() == video
    assert (copy.copy_state, copy.file_size, copy.lease_token) == ("kept", len(video), None)
    assert (copy.size_bytes, copy.content_etag) == (len(video), copy.file_etag)
    assert files.is_whole(files.path_of(task.pk), len(video), copy.file_sha256)
