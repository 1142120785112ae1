"""The paths under which gateways create and return tasks."""

from enum import StrEnum
from typing import Final


class Api(StrEnum):
    """Which of the gateway's APIs knows a task. Stored with the task."""

    VIDEOS = ""
    VOLCENGINE = "volcengine"  # content generation: a prompt, and images, videos and audio with their roles

    @property
    def other(self) -> "Api":
        """The API to try if the gateway does not know a task under this one."""
        return Api.VIDEOS if self is Api.VOLCENGINE else Api.VOLCENGINE


# Gateways support one of the two paths for videos, or both.
PATHS: Final[dict[Api, tuple[str, ...]]] = {
    Api.VIDEOS: ("/v1/video/generations", "/v1/videos"),
    Api.VOLCENGINE: ("/api/v3/contents/generations/tasks",),
}
