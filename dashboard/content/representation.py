"""The immutable metadata of a video, derived when it is first opened and stored with it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from dashboard.content.ranges import Version
from dashboard.database import write_transaction
from dashboard.tasks.models import Task, Video
from dashboard.videos import access as copies

# Where the bytes come from: the gateway's /content, the video's URL, or our copy. Marks in our ETags are derived from
# the ETag of a source; our copy has the ETag of the video that it was made from.
Origin = Literal["content", "url", "copy"]
ORIGIN_MARKS: dict[Origin, str] = {"content": "c", "url": "u", "copy": "k"}

# CHANGED replaces the ETag of a video that turned out to have changed. AGAIN in the ETag of its successor means that
# the task's date can no longer be used as a validator, since two videos have had it.
CHANGED = "changed"
AGAIN = "-again-"


@dataclass(frozen=True, slots=True)
class Representation:
    """`size` is in bytes, None until the video has been read to its end. `etag` is strong, "" while `size` is None."""

    size: int | None
    media_type: str
    etag: str

    def contradicted_by(self, origin: Origin, upstream_etag: str | None) -> bool:
        """Returns whether the same source now sends a different ETag. ETags of different sources may differ anyway."""
        mark = self.etag.strip('"').rpartition("-")[2]
        return (
            bool(upstream_etag) and mark.startswith(ORIGIN_MARKS[origin]) and mark != _mark(origin, upstream_etag or "")
        )


def _mark(origin: Origin, upstream_etag: str) -> str:
    return ORIGIN_MARKS[origin] + _digest(upstream_etag)


def _timed(moment: datetime) -> str:
    return "t" + _digest(moment.isoformat())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def derive(
    video: Video, size: int | None, media_type: str, origin: Origin, upstream_etag: str | None
) -> Representation:
    """Derives the metadata of a video that was just opened. The same arguments always give the same ETag."""
    if size is None:
        return Representation(None, media_type, "")
    mark = (
        _mark(origin, upstream_etag)
        if upstream_etag
        else _timed(_task_of(video).finished_at or _task_of(video).created_at)
    )
    again = AGAIN if video.content_etag == CHANGED else "-"
    return Representation(size, media_type, f'"{video.pk}-{size}{again}{mark}"')


def _task_of(video: Video) -> Task:
    assert video.task is not None  # views don't find videos of deleted tasks
    return video.task


def load(video: Video) -> Representation | None:
    """Returns the stored metadata, or None if the video was never opened or has changed."""
    if video.size_bytes is None:
        return None
    return Representation(video.size_bytes, video.content_type, video.content_etag)


def version(video: Video, metadata: Representation) -> Version:
    """Returns the version that conditional requests are evaluated against."""
    return Version(metadata.size, metadata.etag, _modified(_task_of(video), metadata))


def _modified(task: Task, metadata: Representation) -> datetime | None:
    if metadata.size is None or AGAIN in metadata.etag or task.finished_at is None:
        return None
    # RFC 9110 section 8.8.2.1: never later than the response itself; a gateway's clock may be ahead.
    return task.finished_at if task.finished_at <= timezone.now() else None


def save(video: Video, metadata: Representation) -> Representation:
    """Stores the metadata with the video. If two viewers open it at once, both use what was stored first."""
    if metadata.size is None:
        return metadata
    with write_transaction():
        unknown = Video.objects.filter(pk=video.pk, size_bytes=None)
        unknown.update(size_bytes=metadata.size, content_type=metadata.media_type, content_etag=metadata.etag)
        # Read again rather than from `video`, which may have been deleted in the meantime.
        kept = Video.objects.filter(pk=video.pk).values_list("size_bytes", "content_type", "content_etag").first()
    return Representation(*kept) if kept else metadata


def invalidate(video: Video, metadata: Representation) -> None:
    """Deletes the metadata of a video that has changed. It is derived again for the next viewer."""
    with write_transaction():
        copies.invalidate(video)
        unchanged = Video.objects.filter(pk=video.pk, content_etag=metadata.etag)
        unchanged.update(size_bytes=None, content_type="", content_etag=CHANGED)
