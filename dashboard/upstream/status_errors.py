"""Maps responses of the gateway to errors, by their status and their content. Pure."""

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.upstream import answers, created_tasks, failure_reasons
from dashboard.upstream.error_texts import error_text
from dashboard.upstream.errors import (
    InvalidResponse,
    KeyRefused,
    Misconfigured,
    NoStatus,
    NotReady,
    RateLimited,
    Rejected,
    SubmissionUncertain,
    TaskNotFound,
    Unavailable,
    UpstreamError,
)
from dashboard.upstream.http_exchange import Exchange
from dashboard.upstream.json_objects import mapping
from dashboard.upstream.secret import Secret

_WRONG_BASE = gettext_noop("This URL responds, but not as a gateway. Is the gateway's URL right?")
_PAGE_OF_WRONG_BASE = gettext_noop("“%(page)s” This URL responds, but not as a gateway. Is the gateway's URL right?")
REFUSED = gettext_noop("The gateway refused this task.")
_BLOCKED = gettext_noop("Access to the gateway is blocked: a web page came instead of its response (%(status)s).")
_PAGE_OF_BLOCKED = gettext_noop(
    "“%(page)s” Access to the gateway is blocked: a web page came instead of its response (%(status)s)."
)
_KEY_REFUSED_SAYING = gettext_noop("The gateway refused this key: %(words)s")
UNAVAILABLE = gettext_noop("The gateway is temporarily unavailable (%(status)s).")
_UNAVAILABLE_SAYING = gettext_noop("The gateway is temporarily unavailable: %(words)s")
NO_STATUS = gettext_noop("The gateway responded with %(status)s and reported no status.")
_NO_VIDEO = gettext_noop("The gateway responded with %(status)s instead of a video.")
_URL_REFUSED = gettext_noop("The URL of this video was refused (%(status)s).")
# Those that tasks may be stored with.
TEMPLATES: Final = (
    _BLOCKED,
    _KEY_REFUSED_SAYING,
    UNAVAILABLE,
    _UNAVAILABLE_SAYING,
    NO_STATUS,
    _NO_VIDEO,
    _URL_REFUSED,
)
_RETRY_STATUSES = frozenset({408, 425})
# A 403 with one of these words and none of those below is about the task, the balance or the region, not the key.
_NOT_ABOUT_KEY: Final = (
    *("quota", "balance", "credit", "insufficient", "billing", "region", "country", "location"),
    *("model", "moderation", "policy", "余额", "额度"),
)
_ABOUT_KEY: Final = (
    "api key",
    "api_key",
    "apikey",
    "token",
    "unauthorized",
    "authentication",
    "credential",
    "令牌",
    "密钥",
)


def retrieve_error(exchange: Exchange, secret: Secret) -> UpstreamError | None:
    """Returns the error of a request for a task's state, None if the response has to be parsed."""
    status, raw = exchange.status, exchange.raw
    if exchange.is_block_page:
        return Unavailable(error_text(_BLOCKED, status=status), raw, retry_after=exchange.retry_after)
    if status == 405 or (status in {200, 404} and (exchange.is_html or _knows_no_such_url(exchange))):
        return Misconfigured(_WRONG_BASE, raw)
    if status == 200:
        return None
    if status in {404, 410} or (status == 400 and answers.says_missing(exchange.document_or_none())):
        return TaskNotFound(gettext_noop("The gateway doesn't know this task, or no longer has it."), raw)
    return _common_error(exchange, secret) or InvalidResponse(_words(exchange, secret), raw)


def stateless_error(exchange: Exchange, secret: Secret) -> UpstreamError:
    """Returns the error for a 200 response without a state, according to the code in it, if it has one."""
    raw, words = exchange.raw, _words(exchange, secret)
    code = answers.code_in(exchange.document_or_none())
    if code == 401:
        return KeyRefused(error_text(_KEY_REFUSED_SAYING, words=words), raw, status=401)
    if code == 404:
        return TaskNotFound(gettext_noop("The gateway doesn't know this task, or no longer has it."), raw)
    if code == 429:
        return RateLimited(
            gettext_noop("The gateway is rate limiting this key."), raw, retry_after=exchange.retry_after
        )
    if code is not None and 500 <= code < 600:
        return Unavailable(error_text(_UNAVAILABLE_SAYING, words=words), raw)
    return NoStatus(words, raw)


def create_error(exchange: Exchange, secret: Secret) -> UpstreamError | None:
    """Returns the error of a request to create a task, None if the response has to be parsed.

    Returns SubmissionUncertain unless it is certain that nothing was started.
    """
    status, raw = exchange.status, exchange.raw
    if exchange.is_block_page and status < 500:
        return Rejected(_quoting_page(exchange, _PAGE_OF_BLOCKED, _BLOCKED, status=status), raw)
    if status < 300:
        text = _quoting_page(exchange, _PAGE_OF_WRONG_BASE, _WRONG_BASE)
        return Misconfigured(text, raw) if exchange.is_html else None
    if status < 400 or lacks_route(exchange):
        return Misconfigured(_WRONG_BASE, raw)
    words = secret.redact(answers.message_in(exchange.document_or_none()))
    if (status == 429 or status >= 500) and created_tasks.is_refused_before_start(words, _codes(exchange)):
        return Rejected(words or REFUSED, raw)
    if status in _RETRY_STATUSES or status >= 500:  # guard: submission-5xx-is-uncertain
        text = gettext_noop("The gateway responded with %(status)s. The task may have been started.")
        return SubmissionUncertain(_begun(words) if words else error_text(text, status=status), raw)
    return _common_error(exchange, secret) or Rejected(words or REFUSED, raw)


def no_id_error(exchange: Exchange, secret: Secret) -> UpstreamError:
    """Returns the error for a 2xx response to a creation that has no task ID."""
    document, raw = exchange.document_or_none(), exchange.raw
    refused = created_tasks.refusal(document)
    if refused is None:
        words = secret.redact(answers.message_in(document))
        text = gettext_noop("The response has no task ID. The task may have been started.")
        return SubmissionUncertain(_begun(words) if words else text, raw)
    if answers.code_in(document) == 401:
        return KeyRefused(error_text(_KEY_REFUSED_SAYING, words=secret.redact(refused)), raw, status=401)
    return Rejected(secret.redact(refused), raw)


def content_error(exchange: Exchange, secret: Secret | None) -> UpstreamError:
    """Returns the error of a request for a video. Without a `secret`, a refusal is about the URL, not about a key."""
    status, raw = exchange.status, exchange.raw
    missing = status in {404, 410} or answers.says_missing(exchange.document_or_none())
    if secret is None and status in {400, 401, 403}:
        return TaskNotFound(error_text(_URL_REFUSED, status=status), raw)
    if missing and 400 <= status < 500:
        return TaskNotFound(gettext_noop("The gateway no longer has this video."), raw)
    if status in {202, 400}:
        return NotReady(gettext_noop("There's no video yet."), raw)
    found = _common_error(exchange, secret) if secret else _overload_error(exchange)
    return found or InvalidResponse(error_text(_NO_VIDEO, status=status), raw)


def lacks_route(exchange: Exchange) -> bool:
    """Returns whether a 404 or 405 is about the path rather than the task."""
    if exchange.status == 405:
        return True
    if exchange.status != 404:
        return False
    if exchange.is_html or exchange.body.strip() in {b"", b"404 page not found", b"Not Found"}:
        return True
    return _knows_no_such_url(exchange) or answers.message_in(exchange.document_or_none()) == "Not Found"


def _knows_no_such_url(exchange: Exchange) -> bool:
    """Recognizes new-api, which responds with JSON to an unknown path of its API."""
    return answers.message_in(exchange.document_or_none()).startswith("Invalid URL (")


def _common_error(exchange: Exchange, secret: Secret) -> UpstreamError | None:
    if exchange.status == 403 and not _is_about_key(exchange):
        return None
    if exchange.status in {401, 403}:
        words = secret.redact(answers.message_in(exchange.document_or_none()))
        plain = gettext_noop("The gateway refused this key.")
        text = error_text(_KEY_REFUSED_SAYING, words=words) if words else plain
        return KeyRefused(text, exchange.raw, status=exchange.status)
    return _overload_error(exchange)


def _overload_error(exchange: Exchange) -> UpstreamError | None:
    status, raw, wait = exchange.status, exchange.raw, exchange.retry_after
    if status == 429:
        return RateLimited(gettext_noop("The gateway is rate limiting this key."), raw, retry_after=wait)
    if status >= 500 or status in _RETRY_STATUSES:
        return Unavailable(error_text(UNAVAILABLE, status=status), raw, retry_after=wait)
    return None


def _is_about_key(exchange: Exchange) -> bool:
    text = exchange.body[: failure_reasons.LIMIT].decode("utf-8", "replace").lower()
    return any(name in text for name in _ABOUT_KEY) or not any(name in text for name in _NOT_ABOUT_KEY)


def _words(exchange: Exchange, secret: Secret) -> str:
    """Returns the gateway's message, or a sentence that it sent none."""
    words = secret.redact(answers.message_in(exchange.document_or_none()))
    return words or error_text(NO_STATUS, status=exchange.status)


def _begun(words: str) -> str:
    return error_text(gettext_noop("%(words)s. The task may have been started."), words=words.rstrip("."))


def _quoting_page(exchange: Exchange, quoting: str, without: str, **values: object) -> str:
    """Fills in the template `quoting` with the text of a web page, or the template `without` if it has none."""
    page = created_tasks.text_of_page(exchange.body[:20_000].decode("utf-8", "replace"))
    return error_text(quoting, page=page, **values) if page else error_text(without, **values)


def _codes(exchange: Exchange) -> list[str]:
    fields = mapping(exchange.document_or_none())
    error = mapping(fields.get("error"))
    return [str(code) for code in (error.get("code"), error.get("type"), fields.get("code")) if isinstance(code, str)]
