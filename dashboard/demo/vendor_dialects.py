"""How the vendors behind gateways describe a task, for gateways that pass their answers on unchanged.

Pure, like `dialects`. No code here is shared with the code that parses such answers.
"""

import json
from collections.abc import Callable

from dashboard.demo.tasks import COMPLETED, FAILED, QUEUED, RUNNING
from dashboard.demo.view import Json, View


def _urls(view: View) -> list[str]:
    return [view.url, *view.more_urls] if view.url else []


def kling(view: View) -> Json:
    words = {QUEUED: "submitted", RUNNING: "processing", COMPLETED: "succeed", FAILED: "failed"}
    data: Json = {
        "task_id": view.task.id,
        "task_status": view.raw_status(words),
        "task_status_msg": view.task.failure.message if view.status == FAILED else "",
        "created_at": view.time(QUEUED) * 1000,
        "updated_at": int(view.now * 1000),
    }
    if view.status == COMPLETED:
        duration = str(view.task.details.get("duration"))
        videos = [{"id": f"v{at}", "url": url, "duration": duration} for at, url in enumerate(_urls(view))]
        data["task_result"] = {"videos": videos}
    return {"code": 0, "message": "SUCCEED", "request_id": "req-1", "data": data}


def dashscope(view: View) -> Json:
    words = {QUEUED: "PENDING", RUNNING: "RUNNING", COMPLETED: "SUCCEEDED", FAILED: "FAILED"}
    output: Json = {"task_id": view.task.id, "task_status": view.raw_status(words)}
    if view.status == COMPLETED:
        output["video_url"] = view.url
    if view.status == FAILED:
        output |= {"code": view.task.failure.code, "message": view.task.failure.message}
    return {"request_id": "req-1", "output": output, "usage": {"video_count": 1, "video_duration": 5}}


def volcengine(view: View) -> Json:
    words = {QUEUED: "queued", RUNNING: "running", COMPLETED: "succeeded", FAILED: "failed"}
    answer: Json = {"id": view.task.id, "model": view.task.model.name, "status": view.raw_status(words)}
    if view.status == COMPLETED:
        answer |= {"content": {"video_url": view.url}, "usage": {"completion_tokens": 108_900}}
    if view.status == FAILED:
        answer["error"] = {"code": view.task.failure.code, "message": view.task.failure.message}
    return answer


def minimax(view: View) -> Json:
    words = {QUEUED: "Queueing", RUNNING: "Processing", COMPLETED: "Success", FAILED: "Fail"}
    reason = view.task.failure.message if view.status == FAILED else "success"
    answer: Json = {"task_id": view.task.id, "status": view.raw_status(words)}
    if view.status == COMPLETED:
        answer |= {"file_id": "205258526306433", "file": {"download_url": view.url}}
    return {**answer, "base_resp": {"status_code": 0 if view.status != FAILED else 1027, "status_msg": reason}}


def vidu(view: View) -> Json:
    words = {QUEUED: "created", RUNNING: "processing", COMPLETED: "success", FAILED: "failed"}
    creations = [{"id": f"c{at}", "url": url, "cover_url": f"{url}.png"} for at, url in enumerate(_urls(view))]
    failed = view.task.failure.code if view.status == FAILED else ""
    return {
        "id": view.task.id,
        "state": view.raw_status(words),
        "err_code": failed,
        "credits": 8,
        "creations": creations,
    }


def kie(view: View) -> Json:
    words = {QUEUED: "waiting", RUNNING: "generating", COMPLETED: "success", FAILED: "fail"}
    result = json.dumps({"resultUrls": _urls(view)}) if view.status == COMPLETED else ""
    reason = view.task.failure.message if view.status == FAILED else ""
    data: Json = {"taskId": view.task.id, "state": view.raw_status(words), "resultJson": result, "failMsg": reason}
    return {"code": 200, "msg": "success", "data": data}


def runway(view: View) -> Json:
    words = {QUEUED: "PENDING", RUNNING: "RUNNING", COMPLETED: "SUCCEEDED", FAILED: "FAILED"}
    answer: Json = {"id": view.task.id, "status": view.raw_status(words)}
    if view.status == RUNNING:
        answer["progress"] = view.task.progress(view.now) / 100
    if view.status == COMPLETED:
        answer["output"] = _urls(view)
    if view.status == FAILED:
        answer |= {"failure": view.task.failure.message, "failureCode": view.task.failure.code}
    return answer


def google(view: View) -> Json:
    """A long-running operation. Only `done` says that it has ended."""
    answer: Json = {"name": view.task.id, "done": view.done}
    if view.status == COMPLETED:
        samples = [{"video": {"uri": url}} for url in _urls(view)]
        answer["response"] = {"generateVideoResponse": {"generatedSamples": samples}}
    if view.status == FAILED:
        answer["error"] = {"code": 3, "message": view.task.failure.message, "status": "INVALID_ARGUMENT"}
    return answer


WRITERS: dict[str, Callable[[View], Json]] = {
    "kling": kling,
    "dashscope": dashscope,
    "volcengine": volcengine,
    "minimax": minimax,
    "vidu": vidu,
    "kie": kie,
    "runway": runway,
    "google": google,
}


def tell_created(view: View) -> Json:
    """Returns the body of the response to a create call."""
    task_id = view.task.id
    answers: dict[str, Json] = {
        "volcengine": {"id": task_id},
        "minimax": {"task_id": task_id, "base_resp": {"status_code": 0, "status_msg": "success"}},
        "kie": {"code": 200, "msg": "success", "data": {"taskId": task_id}},
        "runway": {"id": task_id},
        "google": {"name": task_id},
    }
    return answers.get(view.task.model.dialect) or WRITERS[view.task.model.dialect](view)
