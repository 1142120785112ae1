"""The gateway's errors: status and body, in the documented envelope or in a dialect's own format."""

from dashboard.demo.dialects import Json

ErrorResponse = tuple[int, Json]


def envelope(message: str, code: str, kind: str = "invalid_request_error") -> Json:
    """Returns the documented error body."""
    return {"error": {"message": message, "type": kind, "code": code}}


def no_key() -> ErrorResponse:
    return 401, envelope("No API key was provided. Send it as 'Authorization: Bearer <key>'.", "missing_api_key")


def wrong_key() -> ErrorResponse:
    return 401, envelope("The API key is invalid or has been revoked.", "invalid_api_key")


def not_yours() -> ErrorResponse:
    return 403, envelope("This task belongs to another account.", "task_forbidden")


def bad_request(message: str, code: str = "invalid_request") -> ErrorResponse:
    return 400, envelope(message, code)


def unknown_task(dialect: str) -> ErrorResponse:
    """Returns the dialect's error for a task that doesn't exist (anymore)."""
    if dialect.startswith("new-api"):
        return 400, {"code": "task_not_exist", "message": "task_not_exist", "data": None}
    if dialect in ("litellm", "sglang"):
        return 404, {"detail": "Video not found"}
    return 404, envelope("The task was not found or has expired.", "task_not_found")


def not_ready(status: str) -> ErrorResponse:
    return 400, envelope(f"The video is not ready: the task is {status}.", "task_not_completed")


def gone(status: int) -> ErrorResponse:
    return status, envelope("The video has expired and was removed.", "video_expired")


def by_status(status: int) -> Json:
    """Returns a plausible body for any error status."""
    if status == 401:
        return wrong_key()[1]
    if status == 403:
        return not_yours()[1]
    if status == 404:
        return unknown_task("amux")[1]
    if status == 429:
        return envelope("Rate limit reached for this key.", "rate_limit_exceeded", "rate_limit_error")
    if status >= 500:
        return envelope("The upstream channel is not available.", "upstream_error", "server_error")
    return envelope(f"The request was refused ({status}).", "invalid_request")
