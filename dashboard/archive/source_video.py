"""The interface between the archiver and the code that opens videos for it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from dashboard.archive.retry_policy import Failure
from dashboard.tasks.models import Video


class FetchFailed(Exception):
    """The video could not be fetched completely."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class SourceVideo:
    """An open video. `declared_size` is in bytes, None if the size is unknown until the end.

    `chunks` raises FetchFailed if the body is incomplete. `save_etag` takes the actual size and returns the strong ETag
    under which the video is played; it reads and writes the database.
    """

    declared_size: int | None
    media_type: str
    chunks: AsyncGenerator[bytes, None]
    save_etag: Callable[[int], str]


# Opens a claimed video; the stack closes it. Raises FetchFailed.
Fetch = Callable[[AsyncExitStack, Video], Awaitable[SourceVideo]]
