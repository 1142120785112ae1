"""What the archiver asks of whoever opens videos for it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from dashboard.archive.retry_policy import Failure
from dashboard.tasks.models import Video


class FetchFailed(Exception):
    """The video could not be fetched, or not whole."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class SourceVideo:
    """An opened video. `told`: its size in bytes, None when that shows at its end only. `chunks` raise Unobtainable
    for a body that is not whole. `tag` gives, for the size that it turned out to have, the strong ETag under which it
    is played; it reads and writes the database."""

    declared_size: int | None
    media_type: str
    chunks: AsyncGenerator[bytes, None]
    save_etag: Callable[[int], str]


# Opens the video of a claimed copy's task, to be closed by the stack. Raises Unobtainable.
Fetch = Callable[[AsyncExitStack, Video], Awaitable[SourceVideo]]
