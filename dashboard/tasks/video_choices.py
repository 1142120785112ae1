"""The videos of a task as its pages offer them: the current one, and links to the others."""

from dataclasses import dataclass

from dashboard.tasks import rows, states
from dashboard.tasks.media_info import MediaInfo
from dashboard.tasks.models import Task, Video


@dataclass(frozen=True, slots=True)
class VideoChoice:
    """`position` counts from 1; `size_bytes` is None until the video has been opened. `shape` is empty if unknown."""

    position: int
    page_href: str
    content_href: str
    download_href: str
    poster_href: str
    media: MediaInfo
    width: int | None
    height: int | None
    shape: str
    size_bytes: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class VideoChoices:
    """`choices` is empty for a task with a single video, or none."""

    current: VideoChoice
    choices: list[VideoChoice]


def video_choices(task: Task, current: Video, page_href: str, content_href: str) -> VideoChoices:
    """`page_href` and `content_href` are those of the first video."""
    found = [*task.videos.all()] if task.status == states.COMPLETED else []
    choices = [_choice(task, video, current, page_href, content_href) for video in found] if len(found) > 1 else []
    return VideoChoices(_choice(task, current, current, page_href, content_href), choices)


def _choice(task: Task, video: Video, current: Video, page_href: str, content_href: str) -> VideoChoice:
    width, height = rows.frame_size(task, video)
    query = "" if video.position == 1 else f"?video={video.position}"
    return VideoChoice(
        position=video.position,
        page_href=page_href + query,
        content_href=content_href + query,
        download_href=f"{content_href}{query}{'&' if query else '?'}download=1",
        poster_href=rows.picture_href(content_href.removesuffix("/content"), video, "poster"),
        media=video.media_info,
        width=width,
        height=height,
        shape=rows.aspect_of(width, height) if video.position == 1 or width else "",
        size_bytes=video.size_bytes,
        is_current=video.position == current.position,
    )
