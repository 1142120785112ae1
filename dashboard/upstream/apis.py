"""The paths under which gateways take and tell tasks."""

from enum import StrEnum
from typing import Final


class Api(StrEnum):
    """Under which paths the gateway knows a task. Stored with the task."""

    VIDEOS = ""
    VOLCENGINE = "volcengine"  # content generation: a prompt, and images, videos and sounds with their roles

    @property
    def other(self) -> "Api":
        """The one to try where the gateway does not know a task."""
        return Api.VIDEOS if self is Api.VOLCENGINE else Api.VOLCENGINE


# Gateways know one of two paths for videos, or both.
PATHS: Final[dict[Api, tuple[str, ...]]] = {
    Api.VIDEOS: ("/v1/video/generations", "/v1/videos"),
    Api.VOLCENGINE: ("/api/v3/contents/generations/tasks",),
}
