"""What never changes about a video, learnt when it is first opened and kept with it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from dashboard.content.ranges import Version
from dashboard.database import write_transaction
from dashboard.tasks.models import Task, Video
from dashboard.videos import access as copies

# Whose ETag a video's mark was made of: of the gateway's /content, of the result's url, or of neither. Our own copy
# bears the tag of the video that it was made of.
Origin = Literal["content", "url", "copy"]
ORIGIN_MARKS: dict[Origin, str] = {"content": "c", "url": "u", "copy": "k"}

# Left in the place of the ETag of a video that was found to have changed, and, in the ETag of the video that came after
# it, the sign that the task's date is no sound validator any more: two videos bore it.
CHANGED = "changed"
AGAIN = "-again-"


@dataclass(frozen=True, slots=True)
class Representation:
    """`size` is in bytes, None while nobody has seen the video's end; `etag` is strong, "" while there is no size."""

    size: int | None
    media_type: str
    etag: str

    def contradicted_by(self, origin: Origin, upstream_etag: str | None) -> bool:
        """Does the same source name another version now? Two sources may name one video differently."""
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
    """Derives the metadata of a video that was just opened; the same opening always gives the same tag."""
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
    assert video.task is not None  # that of a deleted task is found by nobody
    return video.task


def load(video: Video) -> Representation | None:
    """Returns the stored metadata, or None if the video was never opened, or has changed."""
    if video.size_bytes is None:
        return None
    return Representation(video.size_bytes, video.content_type, video.content_etag)


def version(video: Video, metadata: Representation) -> Version:
    """What conditional requests are held against."""
    return Version(metadata.size, metadata.etag, _modified(_task_of(video), metadata))


def _modified(task: Task, metadata: Representation) -> datetime | None:
    if metadata.size is None or AGAIN in metadata.etag or task.finished_at is None:
        return None
    # RFC 9110 section 8.8.2.1: never later than the answer itself, which a gateway's clock may well be.
    return task.finished_at if task.finished_at <= timezone.now() else None


def save(video: Video, metadata: Representation) -> Representation:
    """Stores the metadata with the video. Of two first viewers one wins, and both use what it found."""
    if metadata.size is None:
        return metadata
    with write_transaction():
        unknown = Video.objects.filter(pk=video.pk, size_bytes=None)
        unknown.update(size_bytes=metadata.size, content_type=metadata.media_type, content_etag=metadata.etag)
        # Read again, and not from `video`: its task may have been deleted by now.
        kept = Video.objects.filter(pk=video.pk).values_list("size_bytes", "content_type", "content_etag").first()
    return Representation(*kept) if kept else metadata


def invalidate(video: Video, metadata: Representation) -> None:
    """Forgets the metadata of a video that has changed. The next viewer derives it again."""
    with write_transaction():
        copies.invalidate(video)
        unchanged = Video.objects.filter(pk=video.pk, content_etag=metadata.etag)
        unchanged.update(size_bytes=None, content_type="", content_etag=CHANGED)
