"""What an HTTP status means here: nothing for 200, otherwise one of the errors. Pure."""

from dashboard.upstream import answers
from dashboard.upstream.errors import (
    InvalidResponse,
    KeyRefused,
    Misconfigured,
    NotReady,
    RateLimited,
    Rejected,
    SubmissionUncertain,
    TaskNotFound,
    Unavailable,
    UpstreamError,
)
from dashboard.upstream.http_exchange import Exchange
from dashboard.upstream.secret import Secret

_WRONG_BASE = "This address answers, but not as a gateway. Is the gateway's address right?"
_RETRY_STATUSES = frozenset({408, 425})


def retrieve_error(exchange: Exchange, secret: Secret) -> UpstreamError | None:
    """About a task's state: None when the answer is to be read."""
    status, raw = exchange.status, exchange.raw
    if status == 405 or (status in {200, 404} and (exchange.is_html or _knows_no_such_url(exchange))):
        return Misconfigured(_WRONG_BASE, raw)
    if status == 200:
        return None
    if status in {404, 410} or (status == 400 and answers.says_missing(exchange.document_or_none())):
        return TaskNotFound("The gateway does not know this task, or no longer.", raw)
    return _common_error(exchange, secret) or InvalidResponse(
        f"The gateway answered {status}, which tells nothing.", raw
    )


def create_error(exchange: Exchange, secret: Secret) -> UpstreamError | None:
    """About a new task: None when the answer is to be read; what is not surely refused is SubmissionUncertain."""
    status, raw = exchange.status, exchange.raw
    if status < 300:
        return Misconfigured(_WRONG_BASE, raw) if exchange.is_html else None
    if status < 400 or lacks_route(exchange):
        return Misconfigured(_WRONG_BASE, raw)
    if status in _RETRY_STATUSES or status >= 500:  # guard: submission-5xx-is-uncertain
        return SubmissionUncertain(f"The gateway answered {status}. The task may have been started.", raw)
    return _common_error(exchange, secret) or Rejected(_quoting("The gateway refused this task", exchange, secret), raw)


def content_error(exchange: Exchange, secret: Secret | None) -> UpstreamError:
    """About a video that did not come. Without a key it is a link that was refused, not the key."""
    status, raw = exchange.status, exchange.raw
    missing = status in {404, 410} or answers.says_missing(exchange.document_or_none())
    if secret is None and status in {400, 401, 403}:
        return TaskNotFound("The link to this video has expired.", raw)
    if missing and 400 <= status < 500:
        return TaskNotFound("The gateway no longer has this video.", raw)
    if status in {202, 400}:
        return NotReady("There is no video yet.", raw)
    found = _common_error(exchange, secret) if secret else _overload_error(exchange)
    return found or InvalidResponse(f"The gateway answered {status} instead of a video.", raw)


def lacks_route(exchange: Exchange) -> bool:
    """Whether a 404 or 405 speaks of the path rather than of the task."""
    if exchange.status == 405:
        return True
    if exchange.status != 404:
        return False
    if exchange.is_html or exchange.body.strip() in {b"", b"404 page not found", b"Not Found"}:
        return True
    return _knows_no_such_url(exchange) or answers.message_in(exchange.document_or_none()) == "Not Found"


def _knows_no_such_url(exchange: Exchange) -> bool:
    """new-api answers an unknown path of its API with JSON."""
    return answers.message_in(exchange.document_or_none()).startswith("Invalid URL (")


def _common_error(exchange: Exchange, secret: Secret) -> UpstreamError | None:
    if exchange.status in {401, 403}:
        message = _quoting("The gateway refused this key", exchange, secret)
        return KeyRefused(message, exchange.raw, status=exchange.status)
    return _overload_error(exchange)


def _overload_error(exchange: Exchange) -> UpstreamError | None:
    status, raw, wait = exchange.status, exchange.raw, exchange.retry_after
    if status == 429:
        return RateLimited("The gateway asks for fewer requests.", raw, retry_after=wait)
    if status >= 500 or status in _RETRY_STATUSES:
        return Unavailable(f"The gateway is out of order for now ({status}).", raw, retry_after=wait)
    return None


def _quoting(sentence: str, exchange: Exchange, secret: Secret) -> str:
    text = secret.redact(answers.message_in(exchange.document_or_none()))
    return f"{sentence}: {text}" if text else f"{sentence}."
