"""How each dialect describes a task: pure functions from a `View` of the task to JSON.

They differ in the envelope, the name of the ID, the status words, the form of progress, the places of the URL and the
error, and the unit of times. No code here is shared with the code that parses such answers.
"""

from collections.abc import Callable

from dashboard.demo import vendor_dialects
from dashboard.demo.tasks import COMPLETED, FAILED, QUEUED, RUNNING, Failure
from dashboard.demo.view import Json, View

__all__ = ["FAILURES", "Json", "View", "tell", "tell_created"]

FAILURES = (
    Failure(50001, "content_policy", "Upstream model rejected the prompt due to content policy."),
    Failure(50002, "upstream_timeout", "Upstream model did not finish within 600 seconds."),
    Failure(50003, "invalid_image", "The input image could not be downloaded: 403 Forbidden."),
    Failure(50004, "insufficient_quota", "The channel has no quota left for this model."),
    Failure(50005, "moderation_blocked", "The generated video was withheld by output moderation."),
)


def amux(view: View) -> Json:
    """Exactly the documented answer: no progress, no times."""
    answer: Json = {"task_id": view.task.id, "status": view.status}
    if view.status == COMPLETED:
        answer |= {"url": view.url, "format": "mp4", "metadata": dict(view.task.details)}
    if view.more_urls:
        answer["videos"] = [{"url": url} for url in (view.url, *view.more_urls)]
    if view.status == FAILED:
        answer["error"] = {"code": view.task.failure.number, "message": view.task.failure.message}
    return answer


SHOUTED = {QUEUED: "QUEUED", RUNNING: "IN_PROGRESS", COMPLETED: "SUCCESS", FAILED: "FAILURE"}
ADAPTED = {QUEUED: "queued", RUNNING: "processing", COMPLETED: "succeeded", FAILED: "failed"}


def new_api_wrapped(view: View, words: dict[str, str] = SHOUTED) -> Json:
    """A row of new-api's task table, in an envelope; `data.id` is the row's number."""
    task, failed = view.task, view.status == FAILED
    raw_status = view.first_raw_status if view.fresh and words is SHOUTED else view.raw_status(words)
    reason = task.failure.message if failed and not view.has("failtext") else ""
    result = task.failure.message if failed and view.has("failtext") else view.url or ""
    if view.has("oldrow") and not failed:
        reason, result = result, ""
    row: Json = {
        "id": task.row,
        "created_at": view.time(QUEUED),
        "updated_at": int(view.now),
        "task_id": task.id,
        "platform": "kling",
        "user_id": 1,
        "group": "default",
        "channel_id": 7,
        "quota": 50000,
        "action": "textGenerate",
        "status": raw_status,
        "fail_reason": reason,
        "result_url": result,
        "submit_time": view.time(QUEUED),
        "start_time": view.time(RUNNING),
        "finish_time": view.time(COMPLETED, FAILED),
        "progress": f"{task.progress(view.now)}%",
        "properties": {"input": task.prompt, "origin_model_name": task.model.name},
        "data": {"metadata": dict(task.details)} if view.status == COMPLETED else None,
    }
    return {"code": "success", "message": "", "data": row}


def new_api_adaptor(view: View) -> Json:
    """The same envelope with the status words that some of its adaptors pass on unchanged."""
    return new_api_wrapped(view, ADAPTED)


def new_api_flat(view: View) -> Json:
    """new-api in Sora's format: the URL is in `metadata`, and `completed_at` is always set."""
    task = view.task
    answer: Json = {
        "id": task.id,
        "object": "video",
        "model": task.model.name,
        "status": "unknown" if view.fresh else view.status,
        "progress": task.progress(view.now),
        "created_at": view.time(QUEUED),
        "completed_at": view.time(COMPLETED, FAILED) or view.time(QUEUED),
        "metadata": {**task.details, "url": view.url or (task.failure.message if view.status == FAILED else "")},
    }
    if task.row % 2:
        answer["task_id"] = task.id
    if view.status == FAILED and not view.has("failtext"):
        answer["error"] = {"code": task.failure.code, "message": task.failure.message}
    return answer


def new_api_rc30(view: View) -> Json:
    """new-api 1.0.0-rc.30: flat, uppercase status words, progress as text, and no URL."""
    answer: Json = {
        "task_id": view.task.id,
        "status": view.raw_status(SHOUTED),
        "progress": f"{view.task.progress(view.now)}%",
        "fail_reason": view.task.failure.message if view.status == FAILED else "",
        "finished_at": view.time(COMPLETED, FAILED),
    }
    return answer


def openai_sora(view: View) -> Json:
    """OpenAI's video object. The bytes are only available from /content."""
    task, facts = view.task, view.task.details
    failure = {"code": task.failure.code, "message": task.failure.message}
    return {
        "id": task.id,
        "object": "video",
        "model": task.model.name,
        "status": "expired" if view.has("expired") and view.status == COMPLETED else view.status,
        "progress": task.progress(view.now),
        "created_at": view.time(QUEUED),
        "completed_at": view.time(COMPLETED) or None,
        "expires_at": view.time(COMPLETED) + 86_400 if view.status == COMPLETED else None,
        "seconds": f"{float(str(facts['duration'])):g}",
        "size": f"{facts.get('width')}x{facts.get('height')}",
        "prompt": task.prompt,
        "remixed_from_video_id": None,
        "error": failure if view.status == FAILED else None,
    }


def litellm(view: View) -> Json:
    """LiteLLM's video object: OpenAI's, but progress is null until there is some, and with its own usage data."""
    progress = view.task.progress(view.now) or None
    usage = {"duration_seconds": view.task.details.get("duration")}
    return {**openai_sora(view), "progress": progress, "usage": usage, "_hidden_params": {}}


def sglang(view: View) -> Json:
    """The video object of SGLang and vLLM-omni. The error is whatever the server raised."""
    answer = openai_sora(view)
    answer["url"] = view.url
    answer["file_path"] = f"/outputs/{view.task.id}.mp4" if view.status == COMPLETED else None
    if view.status == FAILED:
        answer["error"] = {"detail": [{"loc": ["body", "prompt"], "msg": view.task.failure.message}]}
    if view.has("deleted") and view.status == COMPLETED:
        answer["status"] = "deleted"
    return answer


WRITERS: dict[str, Callable[[View], Json]] = {
    "amux": amux,
    "new-api-wrapped": new_api_wrapped,
    "new-api-adaptor": new_api_adaptor,
    "new-api-flat": new_api_flat,
    "new-api-rc30": new_api_rc30,
    "openai-sora": openai_sora,
    "litellm": litellm,
    "sglang": sglang,
    **vendor_dialects.WRITERS,
}
# These gateways never had the older path.
VIDEOS_ONLY = frozenset({"openai-sora", "litellm", "sglang"})


def tell(view: View, *, videos_path: bool) -> Json:
    """Describes the task in its dialect, as requested at /v1/videos/ (`videos_path`) or at /v1/video/generations/."""
    dialect = view.task.model.dialect
    if dialect == "new-api-wrapped" and videos_path:
        return new_api_flat(view)
    return WRITERS[dialect](view)


def tell_created(view: View) -> Json:
    """Returns the body of the response to a create call."""
    dialect, task_id = view.task.model.dialect, view.task.id
    if dialect in vendor_dialects.WRITERS:
        return vendor_dialects.tell_created(view)
    if dialect == "amux":
        return {"task_id": task_id, "status": QUEUED}
    if dialect.startswith("new-api"):
        return {"id": task_id, "task_id": task_id, "object": "video", "status": QUEUED, "progress": 0}
    return WRITERS[dialect](view)
