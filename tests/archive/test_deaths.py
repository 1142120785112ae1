"""Archivers that are killed with SIGKILL at each step, in a separate process; and videos whose tasks are deleted."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db.models import F

from dashboard.archive import claims, cleanup
from dashboard.tasks import actions
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.videos import access, files
from tests.archive.conftest import archive_until, are_kept, check_kept, copy_of, everything_in, keep
from tests.content.conftest import Videoed
from tests.polling.workers import worker
from tests.support.gateway import Gateway
from tests.support.wait import until

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = ("archive_temp_half", "archive_before_rename", "archive_after_rename")


@pytest.mark.server
@pytest.mark.parametrize("place", PLACES)
def test_it_survives_being_killed(videoed: Videoed, gateway: Gateway, data_dir: Path, place: str) -> None:
    task = videoed()
    with worker(gateway.url, failpoint=f"{place}:kill") as process:
        assert process.exit_code() == -signal.SIGKILL
    assert copy_of(task).kept_at is None
    assert len(everything_in(data_dir)) == 1
    if place != "archive_temp_half":
        gateway.forget_task(task.upstream_id)  # the whole video is stored, so nobody requests it again
    if place == "archive_after_rename":
        Video.objects.update(lease_until=F("lease_until") - timedelta(seconds=61))
    with worker(gateway.url):
        until(lambda: are_kept(task))
    check_kept(task)
    assert len(everything_in(data_dir)) == 1
    assert TaskEvent.objects.of_task(task.pk).filter(kind="copy").count() == 1


def test_it_deletes_the_copy_with_its_task(videoed: Videoed, data_dir: Path) -> None:
    task, other = videoed(), videoed()
    keep(task, other)
    actions.delete([task])
    asyncio.run(archive_until(lambda: Video.objects.count() == 1))
    check_kept(other)
    assert len(everything_in(data_dir)) == 1


def test_it_leaves_no_file_of_a_task_deleted_while_it_was_fetched(
    videoed: Videoed, gateway: Gateway, data_dir: Path
) -> None:
    task = videoed("rate=300000")

    def delete_when_fetched() -> bool:
        if len(everything_in(data_dir)) == 1 and gateway.connections():
            actions.delete(Task.objects.filter(pk=task.pk))
        is_gone = not Video.objects.exists() and not Task.objects.exists() and not gateway.connections()
        return is_gone and not everything_in(data_dir)  # if stopped earlier, it leaves this to the next one

    asyncio.run(archive_until(delete_when_fetched, within=30))
    assert everything_in(data_dir) == []


def test_it_sweeps_what_the_dead_left_half_done(videoed: Videoed, data_dir: Path) -> None:
    task = videoed()
    claims.claim_due(1, task.created_at)
    token = copy_of(task).lease_token
    assert token is not None
    draft = files.PartialFile(task.pk, token)
    draft.begin()
    draft.write([b"half"])
    assert cleanup.remove_partials() == 0  # its writer is alive
    draft.close(leave=True)
    assert cleanup.remove_partials() == 1
    assert everything_in(data_dir) == []
    assert copy_of(task).lease_token is None


def test_it_never_removes_a_video_that_it_does_not_know(data_dir: Path) -> None:
    stray = files.path_of(uuid4())
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of a database that was lost")
    cleanup.remove_partials()
    cleanup.remove_deleted()
    assert stray.exists()


def damage(task: Task) -> None:
    path = files.path_of(task.pk)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    Video.objects.update(checked_at=None)


def test_it_fetches_a_damaged_copy_again(videoed: Videoed, data_dir: Path) -> None:
    task = videoed()
    keep(task)
    damage(task)
    access.schedule_check(copy_of(task))
    asyncio.run(archive_until(lambda: copy_of(task).checked_at is not None))
    check_kept(task)


def test_it_takes_a_sound_copy_back_when_the_facts_were_forgotten(videoed: Videoed, gateway: Gateway) -> None:
    task = videoed()
    keep(task)
    gateway.forget_task(task.upstream_id)
    access.invalidate(copy_of(task))
    Video.objects.update(size_bytes=None, content_type="", content_etag="changed")
    keep(task)
    check_kept(task)


def test_the_archive_lies_in_the_data_dir(data_dir: Path) -> None:
    video_id = uuid4()
    assert files.path_of(video_id) == data_dir / "videos" / str(video_id)[:2] / str(video_id)
    assert Path(django_settings.DATA_DIR) == data_dir
