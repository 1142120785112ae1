"""Answers of gateways and their vendors to a poll of the task T: name, document, expected result.

`url`: the URL of the first video; `urls`: all URLs; `error`: the error message.
"""

from typing import Any

V = "https://files.example/v.mp4"
W = "https://files.example/w.mp4"
P = "https://files.example/p.png"

Case = tuple[str, Any, dict[str, Any]]

STATES: dict[str, tuple[str, ...]] = {
    "queued": (
        *("queued", "Queued", "NOT_START", "not-started", "SUBMITTED", "pending", "PENDING", "InQueue", "in_queue"),
        *("IN_QUEUE", "created", "queueing", "queuing", "Preparing", "initializing", "starting", "waiting"),
        *("THROTTLED", "scheduled", "accepted", "enqueued", "created_task", "TASK_STATUS_QUEUED", "STATE_PENDING"),
    ),
    "in_progress": (
        *("in_progress", "In progress", "IN-PROGRESS", "InProgress", "processing", "Processing", "running", "RUNNING"),
        *("generating", "dreaming", "started", "rendering", "executing", "working", "progressing"),
        *("JOB_STATE_RUNNING", "TASK_STATE_RUNNING", "JOB_STATUS_RUNNING", "VIDEO_STATUS_PROCESSING", "STATUS_RUNNING"),
    ),
    "completed": (
        *("completed", "COMPLETED", "success", "SUCCESS", "Success", "succeeded", "SUCCEEDED", "succeed", "Succeed"),
        *("done", "DONE", "finished", "finish", "complete", "successful", "successed", "TASK_STATUS_SUCCEED"),
    ),
    "failed": (
        *("failed", "FAILED", "failure", "FAILURE", "fail", "Fail", "error", "errored", "aborted", "terminated"),
        *("cancelled", "CANCELED", "canceled", "timeout", "timed_out", "TimedOut", "rejected", "moderated", "blocked"),
        *("content_moderated", "moderation_failed", "expired", "EXPIRED", "deleted"),
    ),
    "": ("simmering", "unknown", "UNKNOWN", "paused", "42%", "完成"),
}

PLACES: list[Case] = [
    ("data", {"code": 0, "data": {"task_id": "T", "status": "running"}}, {"status": "in_progress"}),
    ("task", {"task": {"task_id": "T", "status": "TASK_STATUS_SUCCEED"}, "videos": [{"video_url": V}]}, {"url": V}),
    ("output", {"request_id": "r", "output": {"task_id": "T", "task_status": "RUNNING"}}, {"status": "in_progress"}),
    ("response", {"response": {"id": "T", "status": "failed", "error": "no"}}, {"status": "failed", "error": "no"}),
    ("result", {"result": {"id": "T", "status": "done", "url": V}}, {"status": "completed", "url": V}),
    ("video", {"video": {"video_id": "T", "status": "completed", "url": V}}, {"status": "completed", "url": V}),
    ("Resp", {"ErrCode": 0, "Resp": {"video_id": "T", "status": "running"}}, {"status": "in_progress"}),
    (
        "tasks",
        {"tasks": [{"id": "other", "status": "failed"}, {"id": "T", "status": "running"}]},
        {"status": "in_progress"},
    ),
    ("items", {"items": [{"id": "T", "status": "running"}]}, {"status": "in_progress"}),
    ("videos", {"videos": [{"id": "T", "status": "running"}]}, {"status": "in_progress"}),
    ("a list", [{"id": "T", "status": "running"}], {"status": "in_progress"}),
    ("nested once more", {"data": {"task": {"id": "T", "status": "running"}}}, {"status": "in_progress"}),
    ("the ID around the state", {"task_id": "T", "output": {"task_status": "RUNNING"}}, {"status": "in_progress"}),
    ("task_status", {"id": "T", "task_status": "processing"}, {"status": "in_progress"}),
    ("state", {"id": "T", "state": "processing"}, {"status": "in_progress"}),
    ("task_state", {"id": "T", "taskState": "processing"}, {"status": "in_progress"}),
    ("job_status", {"id": "T", "job_status": "processing"}, {"status": "in_progress"}),
    ("video_status", {"id": "T", "video_status": "processing"}, {"status": "in_progress"}),
    ("job_state", {"id": "T", "job_state": "processing"}, {"status": "in_progress"}),
    ("successFlag 0", {"code": 200, "data": {"taskId": "T", "successFlag": 0}}, {"status": "in_progress"}),
    (
        "successFlag 1",
        {"data": {"taskId": "T", "successFlag": 1, "response": {"resultUrls": [V]}}},
        {"status": "completed", "url": V},
    ),
    ("successFlag 2", {"data": {"taskId": "T", "successFlag": 2, "msg": "no"}}, {"status": "failed", "error": "no"}),
    ("successFlag 3", {"data": {"taskId": "T", "successFlag": 3}}, {"status": "failed"}),
    ("PixVerse 1", {"Resp": {"id": 123, "status": 1, "url": V}}, {"status": "completed", "url": V}),
    ("PixVerse 5", {"Resp": {"id": 123, "status": 5}}, {"status": "in_progress"}),
    ("PixVerse 6", {"Resp": {"id": 123, "status": 6}}, {"status": "failed", "is_gone": True}),
    ("PixVerse 7", {"Resp": {"id": 123, "status": 7}}, {"status": "failed"}),
    ("PixVerse 8", {"Resp": {"id": 123, "status": 8}}, {"status": "failed"}),
    ("an operation", {"name": "T", "done": False, "response": {}}, {"status": "in_progress"}),
    (
        "an operation that has ended",
        {
            "name": "T",
            "done": True,
            "response": {"generateVideoResponse": {"generatedSamples": [{"video": {"uri": V}}]}},
        },
        {"status": "completed", "url": V},
    ),
    ("an operation that has failed", {"name": "T", "done": True, "error": {"message": "no"}}, {"error": "no"}),
]

# States that are about the call, or outdated: the task stays unchanged.
STATELESS: list[Case] = [
    ("a call's success", {"status": "success", "data": {"task_id": "T"}}, {"status": None}),
    ("a call's success, empty", {"status": "success", "code": 0, "data": {}}, {"status": None}),
    ("a call's error", {"status": "error", "message": "busy"}, {"status": None}),
    ("a call's failure", {"status": "fail", "data": None, "error": {"message": "busy"}}, {"status": None}),
    ("a call's code", {"code": 10004, "data": {}, "msg": "任务不存在", "success": True}, {"status": None}),
    ("an ID alone", {"request_id": "r", "id": "T"}, {"status": None}),
    ("ok", {"status": "ok", "data": []}, {"status": None}),
    ("a number", {"id": "T", "status": 200}, {"status": None}),
    ("JSend", {"status": "success", "data": {"status": "processing"}}, {"status": "in_progress"}),
    ("JSend, ended inside", {"status": "success", "data": {"status": "failed", "error": "no"}}, {"status": "failed"}),
    (
        "the vendor's answer inside is stale",
        {
            "code": "success",
            "data": {"task_id": "T", "status": "IN_PROGRESS", "data": {"id": "v", "status": "succeeded", "url": V}},
        },
        {"status": "in_progress", "url": None},
    ),
    (
        "the vendor's answer inside bears the ID as well",
        {"data": {"task_id": "T", "status": "QUEUED", "data": {"task_id": "T", "status": "failed"}}},
        {"status": "queued"},
    ),
    (
        "flat, with another task inside",
        {"id": "T", "status": "running", "data": {"id": "x", "status": "failed"}},
        {"status": "in_progress"},
    ),
]

IDS: list[Case] = [
    (name, {"data": {name: "T", "status": "running"}, "status": "failed", "id": "call"}, {"status": "in_progress"})
    for name in ("task_id", "taskId", "id", "video_id", "request_id", "generation_id", "job_id", "uuid", "name")
]

VIDEOS: list[Case] = [
    *(
        (name, {name: V}, {"url": V})
        for name in ("url", "result_url", "video_url", "videoUrl", "download_url", "output_url")
    ),
    *(
        (name, {name: V}, {"url": V})
        for name in ("output_video", "file_url", "media_url", "mp4", "src", "uri", "fileUri")
    ),
    *(
        (name, {name: V}, {"url": V})
        for name in ("origin_url", "origin_video_url", "video", "output", "result", "content")
    ),
    *(
        (name, {name: [V, W]}, {"urls": (V, W)})
        for name in ("output", "outputs", "urls", "video_urls", "videoUrls", "results")
    ),
    *(
        (name, {name: [V, W]}, {"urls": (V, W)})
        for name in ("resultUrls", "originUrls", "files", "media", "download_urls")
    ),
    *(
        (name, {name: [{"url": V}, {"url": W}]}, {"urls": (V, W)})
        for name in ("videos", "creations", "video_result", "works")
    ),
    *(
        (name, {name: [{"url": V}]}, {"url": V})
        for name in ("generatedVideos", "generatedSamples", "generations", "items")
    ),
    *(
        (name, {name: {"url": V}}, {"url": V})
        for name in ("metadata", "content", "task_result", "assets", "file", "resource")
    ),
    *(
        (name, {name: {"url": V}}, {"url": V})
        for name in ("response", "data", "task", "Resp", "generation", "generateVideoResponse")
    ),
    ("ResultVideoUrl", {"ResultVideoUrl": V}, {"url": V}),
    ("choices", {"choices": [{"video_url": V}]}, {"url": V}),
    ("resultJson", {"resultJson": '{"resultUrls": ["https://files.example/v.mp4"]}'}, {"url": V}),
    ("lists in lists", {"data": {"result": {"videos": [{"url": [V]}, {"url": [W]}]}}}, {"urls": (V, W)}),
    ("several told in one text", {"url": f"{V},{W}"}, {"urls": (V, W)}),
    ("one told in several ways", {"url": V, "video_url": W, "metadata": {"url": W}}, {"urls": (V,)}),
    ("more count more", {"url": V, "videos": [{"url": V}, {"url": W}]}, {"urls": (V, W)}),
    ("a picture beside it", {"output": [P, V]}, {"urls": (V,)}),
    ("covers and frames", {"cover_url": P, "last_frame_url": P, "thumbnail": P, "video_url": V}, {"urls": (V,)}),
    ("no watermark", {"url": V, "no_watermark_url": W}, {"urls": (W,)}),
    ("without watermark", {"video_url": V, "url_without_watermark": W}, {"urls": (W,)}),
    ("nwm", {"url": V, "nwm_video_url": W}, {"urls": (W,)}),
    ("watermark free", {"url": V, "watermark_free_url": W}, {"urls": (W,)}),
    ("a marked copy beside it", {"watermark_url": W, "url": V}, {"urls": (V,)}),
    *((name, {name: W}, {"urls": (W,)}) for name in ("watermark_url", "watermarked_url", "watermark_video_url")),
    ("an old row", {"fail_reason": V}, {"urls": (V,)}),
    ("only a cover", {"cover_url": P}, {"urls": ()}),
    (
        "spaces",
        {"url": "https://files.example/my film 01.mp4?a=b c"},
        {"url": "https://files.example/my%20film%2001.mp4?a=b%20c"},
    ),
    ("CJK", {"url": "https://files.example/视频.mp4"}, {"url": "https://files.example/%E8%A7%86%E9%A2%91.mp4"}),
    (
        "signed",
        {"url": "https://files.example/a%2Fb.mp4?sig=a%2Bb~_/="},
        {"url": "https://files.example/a%2Fb.mp4?sig=a%2Bb~_/="},
    ),
    ("without scheme", {"url": "//files.example/v.mp4"}, {"url": "http://files.example/v.mp4"}),
    ("without slashes", {"url": "files.example/v.mp4"}, {"url": "http://files.example/v.mp4"}),
    ("relative", {"url": "/files/v.mp4"}, {"url": "http://gateway.example:81/files/v.mp4"}),
    ("not inline", {"url": "data:video/mp4;base64,AAAA"}, {"urls": ()}),
    ("inline", {"url": "inline:1"}, {"urls": ("inline:1",)}),
    ("inline twice", {"videos": [{"b64_json": "inline:1"}, {"b64_json": "inline:2"}]}, {"count": 2}),
    ("an address beside it", {"b64_json": "inline:1", "url": V}, {"urls": (V,)}),
    *(
        (name, {name: "inline:1"}, {"url": "inline:1"})
        for name in ("bytesBase64Encoded", "videoBytes", "encodedVideo", "b64_json", "video_base64", "base64")
    ),
    ("ten at most", {"videos": [{"url": f"{V}?{number}"} for number in range(12)]}, {"count": 10}),
]

FAILURES: list[Case] = [
    ("error", {"error": {"code": "E1", "message": "no"}}, {"error": "no", "error_code": "E1"}),
    ("error as text", {"error": "no"}, {"error": "no"}),
    *(
        (name, {name: "no"}, {"error": "no"})
        for name in ("fail_reason", "failure_reason", "failMsg", "task_status_msg", "failure")
    ),
    *(
        (name, {name: "no"}, {"error": "no"})
        for name in ("detail", "details", "reason", "errorMessage", "error_msg", "err_msg")
    ),
    *(
        (name, {name: "no"}, {"error": "no"})
        for name in ("ErrMsg", "error_message", "message", "msg", "status_msg", "description")
    ),
    *((name, {name: "no"}, {"error": "no"}) for name in ("status_message", "moderation_reason", "block_reason")),
    *(
        (name, {name: ["no", "never"]}, {"error": "no\nnever"})
        for name in ("errors", "reasons", "raiMediaFilteredReasons")
    ),
    *(
        (name, {name: "E42"}, {"error": "E42"})
        for name in ("err_code", "failureCode", "error_type", "error_code", "type", "code")
    ),
    ("base_resp", {"base_resp": {"status_code": 1026, "status_msg": "no"}}, {"error": "no"}),
    ("an object", {"fail_reason": {"code": "E42", "message": "too long"}}, {"error": "too long"}),
    ("JSON in text", {"fail_reason": '{"error":{"message":"too long"}}'}, {"error": "too long"}),
    ("JSON after words", {"error": 'upstream: {"error": {"message": "too long"}}'}, {"error": "too long"}),
    (
        "inputs",
        {"detail": [{"loc": ["body", "prompt"], "msg": "flagged"}, {"loc": ["body", "image_url"], "msg": "a person"}]},
        {"error": "prompt: flagged\nimage_url: a person"},
    ),
    ("text in result_url", {"result_url": "upstream: no"}, {"error": "upstream: no"}),
    ("text in metadata.url", {"metadata": {"url": "generation failed"}}, {"error": "generation failed"}),
    ("around", {"message": "no"}, {"error": "no"}),
    ("lines", {"error": "one\ntwo"}, {"error": "one\ntwo"}),
]

USAGE: list[Case] = [
    ("usage", {"usage": {"total_tokens": 108_900, "prompt_tokens": 0}}, {"usage": {"total_tokens": 108_900}}),
    *((name, {name: 2.5}, {"usage": {name: 2.5}}) for name in ("quota", "credits", "cost", "credit", "credits_used")),
    *((name, {name: "3"}, {"usage": {name: 3}}) for name in ("consumed_credits", "price", "billing", "units")),
    ("unknown", {"cost": 0, "quota": None, "credits": "n/a"}, {"usage": {}}),
]


def cases() -> list[Case]:
    done, failed = {"id": "T", "status": "completed"}, {"id": "T", "status": "failed"}
    return [
        *(
            (f"state: {text}", {"id": "T", "status": text}, {"status": status or None, "raw_status": text})
            for status, texts in STATES.items()
            for text in texts
        ),
        *((f"place: {name}", document, expected) for name, document, expected in PLACES),
        *((f"call: {name}", document, expected) for name, document, expected in STATELESS),
        *((f"ID: {name}", document, expected) for name, document, expected in IDS),
        *((f"video: {name}", {**done, **fields}, expected) for name, fields, expected in VIDEOS),
        *((f"failure: {name}", {**failed, **fields}, expected) for name, fields, expected in FAILURES),
        *((f"usage: {name}", {**done, **fields}, expected) for name, fields, expected in USAGE),
    ]
