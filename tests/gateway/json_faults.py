"""Faults that leave HTTP unchanged and change the contents of the JSON: name -> change of the task's object."""

import base64
from collections.abc import Callable

from dashboard.demo.dialects import ADAPTED, SHOUTED, Json
from dashboard.demo.tasks import RUNNING, Task
from tests.gateway.faults import Fault

JsonFault = Callable[[Json, Task, Fault], None]
# Keys of the dialects for an ID, a status, a URL.
IDS = ("task_id", "id")
URLS = ("url", "result_url")
SHORT_VIDEO = base64.b64encode(b"\0\0\0\x18ftypmp42" + bytes(300)).decode()
NOT_NUMBERS: Json = {"duration": float("nan"), "fps": -1, "width": 10**30, "height": "720p", "seed": None}


def unknown_word(row: Json, task: Task, fault: Fault) -> None:
    row["status"] = fault.text("word", "transmogrifying")


def null_status(row: Json, task: Task, fault: Fault) -> None:
    row["status"] = None


def no_status(row: Json, task: Task, fault: Fault) -> None:
    row.pop("status", None)


def other_id(row: Json, task: Task, fault: Fault) -> None:
    """The answer is about a different task; setting: id."""
    for key in IDS:
        if isinstance(row.get(key), str):
            row[key] = fault.text("id", "zzzz9999other")


def no_id(row: Json, task: Task, fault: Fault) -> None:
    for key in IDS:
        row.pop(key, None)


def regress(row: Json, task: Task, fault: Fault) -> None:
    """Goes back to in progress once a terminal status has been reported."""
    if not task.has_reported_end:
        return
    status = str(row.get("status"))
    words = next((known for known in (SHOUTED, ADAPTED) if status in known.values()), None)
    row["status"] = words[RUNNING] if words else RUNNING
    for key in (*URLS, "metadata", "error"):
        row.pop(key, None)


def backwards(row: Json, task: Task, fault: Fault) -> None:
    """Progress counts down; as text with a percent sign if the dialect uses that."""
    progress = row.get("progress", 0)
    left = 100 - int(str(progress or 0).rstrip("%"))
    row["progress"] = f"{left}%" if isinstance(progress, str) else left


def odd_progress(row: Json, task: Task, fault: Fault) -> None:
    """Setting: progress, any value."""
    row["progress"] = fault.settings.get("progress", 150)


def odd_numbers(row: Json, task: Task, fault: Fault) -> None:
    row["metadata"] = dict(NOT_NUMBERS)


def null_metadata(row: Json, task: Task, fault: Fault) -> None:
    row["metadata"] = None


def wrong_types(row: Json, task: Task, fault: Fault) -> None:
    row |= {"metadata": ["1280x720"], "url": 17, "format": {"mp4": True}, "error": "it broke", "progress": [3]}


def other_url(row: Json, task: Task, fault: Fault) -> None:
    """A result URL that must not be fetched, or must not be shown; setting: url."""
    url = fault.text("url", "http://169.254.169.254/latest/meta-data/")
    for key in URLS:
        if row.get(key):
            row[key] = url
    metadata = row.get("metadata")
    if isinstance(metadata, dict) and metadata.get("url"):
        metadata["url"] = url


def long_error(row: Json, task: Task, fault: Fault) -> None:
    """Failed, with a reason of 64 kB; setting: text."""
    text = fault.text("text", "The upstream model said: " + "no " * 22_000)
    row |= {"status": "failed", "error": {"code": 50001, "message": text}, "fail_reason": text}


def inline_video(row: Json, task: Task, fault: Fault) -> None:
    """The video is inside the answer, as base64; setting: videos, a list of them."""
    videos = fault.settings.get("videos", [SHORT_VIDEO])
    if row.get("status") == "completed" and isinstance(videos, list):
        row.pop("url", None)
        row["videos"] = [{"bytesBase64Encoded": video, "mimeType": "video/mp4"} for video in videos]


JSON_FAULTS: dict[str, JsonFault] = {
    "unknown-word": unknown_word,
    "null-status": null_status,
    "no-status": no_status,
    "other-id": other_id,
    "no-id": no_id,
    "regress": regress,
    "backwards": backwards,
    "odd-progress": odd_progress,
    "odd-numbers": odd_numbers,
    "null-metadata": null_metadata,
    "wrong-types": wrong_types,
    "other-url": other_url,
    "long-error": long_error,
    "inline-video": inline_video,
}


def known(name: str) -> bool:
    """Whether the name is a fault that keeps the response valid: one of `JSON_FAULTS`, or `delay`."""
    return name in JSON_FAULTS or name == "delay"


def apply(document: Json, task: Task, fault: Fault) -> None:
    """Changes the task's object, inside its envelope if it has one."""
    data = document.get("data")
    JSON_FAULTS[fault.name](data if isinstance(data, dict) else document, task, fault)
