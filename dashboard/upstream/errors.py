"""Errors of requests to the gateway: one class for each way a caller may react.

UpstreamError
├── KeyRefused           401, 403: about the key, not about the task
├── TaskNotFound         404, 410, 400 with `task_not_exist`; an expired URL of a video
├── NotReady             the video was requested before the task was completed
├── RateLimited          429: try again later; `retry_after` says when
├── Unavailable          5xx, 408, 425, network, TLS, a truncated video: nothing is known, try again
│   └── TimedOut         our own deadline passed first
├── Misconfigured        a web page or a redirect to another origin instead of an API: the base URL is wrong
├── InvalidResponse      the response made no sense: the task stays as it was
│   └── NoStatus         the response says nothing about the task: it proves nothing, not even that the key works
├── Rejected             creating only: refused for its content, nothing was started
├── SubmissionUncertain  creating only: the task may have been started, so it is never sent again
├── NotVideo             the response is something other than a video
└── BlockedAddress       an address that URLs in answers may not lead to

Only an explicit terminal status ends a task, so none of these errors does.
"""

from dataclasses import dataclass
from datetime import datetime

MESSAGE_LIMIT = 2_000  # characters of a message


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A response as it is stored: at most 64 kB of text, with the key masked, storable in any database."""

    status: int | None  # None: no response
    content_type: str
    body: str
    at: datetime  # aware, UTC


class UpstreamError(Exception):
    """Any failed request. `raw` is the response, None if there was none.

    `message` is English. `error_texts.localized` translates it for users.
    """

    def __init__(self, message: str, raw: RawAnswer | None = None) -> None:
        super().__init__(message[:MESSAGE_LIMIT])
        # An ErrorText stays one, unless it is too long.
        self.message = message if len(message) <= MESSAGE_LIMIT else message[:MESSAGE_LIMIT]
        self.raw = raw


class KeyRefused(UpstreamError):
    """The gateway refused the key: `status` is 401 (missing or invalid) or 403 (no access to the task)."""

    def __init__(self, message: str, raw: RawAnswer | None = None, *, status: int = 401) -> None:
        super().__init__(message, raw)
        self.status = status


class TaskNotFound(UpstreamError):
    """The gateway does not know the task, or no longer has it; or the URL of its video has expired."""


class NotReady(UpstreamError):
    """There is no video yet."""


class _Retryable(UpstreamError):
    """`retry_after`: how many seconds the gateway asks to wait, 0 to 900, None if it did not say."""

    def __init__(self, message: str, raw: RawAnswer | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message, raw)
        self.retry_after = retry_after


class RateLimited(_Retryable):
    """The key is rate limited."""


class Unavailable(_Retryable):
    """The gateway, or the connection to it, is temporarily down."""


class TimedOut(Unavailable):
    """Our deadline passed before the response was complete, or before a video began."""


class Misconfigured(UpstreamError):
    """The URL responds, but not as a gateway."""


class InvalidResponse(UpstreamError):
    """The response is broken, too large, about another task, or not JSON of the expected kind."""


class NoStatus(InvalidResponse):
    """The gateway responds, but says nothing about this task. `message` is what it says instead."""


class Rejected(UpstreamError):
    """The gateway refused to start this task; nothing was started."""


class SubmissionUncertain(UpstreamError):
    """The task may have been started, and may be billed; sending it again could start it twice."""


class NotVideo(UpstreamError):
    """The response is something other than a video."""


class BlockedAddress(UpstreamError):
    """The address is private, special-purpose or deceptively written. No connection was made."""
