"""What can go wrong when the gateway is asked, one class per thing a caller does about it.

UpstreamError
├── KeyRefused           401, 403: about the key, not about the task
├── TaskNotFound         404, 410, 400 with `task_not_exist`; an expired link to a video
├── NotReady             the video was asked for before the task was completed
├── RateLimited          429: ask again later, `retry_after` says when
├── Unavailable          5xx, 408, 425, network, TLS, a video cut short: nothing is known, try again
│   └── TimedOut         our own deadline passed first
├── Misconfigured        a web page or a foreign redirect instead of an API: the base address is wrong
├── InvalidResponse      an answer came and made no sense: the task stays as it was
│   └── NoStatus         an answer came that says nothing of the task: no proof of anything, the key included
├── Rejected             creating only: refused for its content, nothing was started
├── SubmissionUncertain  creating only: it may have been started, so it is never sent again
├── NotVideo             what came instead of a video
└── BlockedAddress       an address that an answer may not lead to

Only an explicit terminal status ends a task, so none of these does.
"""

from dataclasses import dataclass
from datetime import datetime

MESSAGE_LIMIT = 2_000  # characters of a message


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back, as far as it may be kept: at most 64 kB of text, the key masked, storable as it is."""

    status: int | None  # None: nothing came back
    content_type: str
    body: str
    at: datetime  # aware, UTC


class UpstreamError(Exception):
    """Any failure to get what was asked for. `message` may be shown; `raw` is what came, None for nothing."""

    def __init__(self, message: str, raw: RawAnswer | None = None) -> None:
        super().__init__(message[:MESSAGE_LIMIT])
        self.message = message[:MESSAGE_LIMIT]
        self.raw = raw


class KeyRefused(UpstreamError):
    """The gateway refused the key: `status` is 401 (missing or invalid) or 403 (not its task)."""

    def __init__(self, message: str, raw: RawAnswer | None = None, *, status: int = 401) -> None:
        super().__init__(message, raw)
        self.status = status


class TaskNotFound(UpstreamError):
    """The gateway does not know the task, or no longer; or a link to its video has expired."""


class NotReady(UpstreamError):
    """There is no video yet."""


class _Retryable(UpstreamError):
    """`retry_after`: seconds to wait as the gateway wished, 0 to 900, None when it did not say."""

    def __init__(self, message: str, raw: RawAnswer | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message, raw)
        self.retry_after = retry_after


class RateLimited(_Retryable):
    """The key is rate limited."""


class Unavailable(_Retryable):
    """The gateway, or the way to it, is out of order for now."""


class TimedOut(Unavailable):
    """Our deadline passed before the answer was complete, or before a video began."""


class Misconfigured(UpstreamError):
    """The address answers, but not as a gateway."""


class InvalidResponse(UpstreamError):
    """The answer is broken, too large, about another task, or not JSON of the expected kind."""


class NoStatus(InvalidResponse):
    """The gateway answers, but says nothing of this task. `message` is what it says instead."""


class Rejected(UpstreamError):
    """The gateway refused to start this task; nothing was started."""


class SubmissionUncertain(UpstreamError):
    """The task may have been started, and may be billed; sending it again could start it twice."""


class NotVideo(UpstreamError):
    """Something else came in place of a video."""


class BlockedAddress(UpstreamError):
    """The address is private, special, or written to deceive; no connection was made."""
