"""Tables of the names that this family of gateways uses. To support another dialect, add rows here and a fixture.

Each row says which dialects use it; `docs/gateways.md` shows the tables. Names are compared without regard to case and
word separators (`task_status`, `taskStatus` and `Task-Status` are the same name).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

SHORT: Final = 40  # characters
QUEUED: Final = "queued"
IN_PROGRESS: Final = "in_progress"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
GONE: Final = "gone"  # an unfinished task fails; of a finished one, the gateway no longer has the video


@dataclass(frozen=True, slots=True)
class Row:
    """A name that answers use, and the dialects that use it."""

    name: str
    dialects: str
    means: str = ""  # for a state word: the status


def normalized(name: str) -> str:
    """Normalizes a name for comparison: `IN_PROGRESS`, `InProgress` and `in progress` are the same."""
    return _normalized_short(name) if len(name) <= SHORT else _normalized(name)


def _normalized(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


# Every poll normalizes the same few dozen names.
_normalized_short = lru_cache(maxsize=4_096)(_normalized)


def _rows(dialects: str, *names: str, means: str = "") -> Iterable[Row]:
    return (Row(name, dialects, means) for name in names)


# Where the task is in an answer, unless it is the document itself. These may be nested once.
TASK_PLACES: Final = (
    *_rows("new-api, Kling, kie, JSend, Jimeng", "data"),
    *_rows("Novita, fal", "task"),
    *_rows("DashScope", "output"),
    *_rows("proxies that wrap an answer", "response", "result"),
    *_rows("HeyGen", "video"),
    *_rows("PixVerse", "Resp"),
    *_rows("lists of one task", "tasks", "items", "videos"),
)

# Names of a task's state. The first one with a known word counts, else the first one with any word.
STATE_NAMES: Final = (
    *_rows("Amux, OpenAI, new-api, Volcengine, Replicate, Runway", "status"),
    *_rows("Kling, DashScope, Zhipu", "task_status"),
    *_rows("Vidu, Luma, kie", "state"),
    *_rows("forks of new-api", "task_state", "job_status", "video_status", "job_state"),
)

# Prefixes of state words: TASK_STATUS_SUCCEED, JOB_STATE_FAILED.
STATE_PREFIXES: Final = (
    *_rows("Novita", "TASK_STATUS_"),
    *_rows("Google", "JOB_STATE_", "STATE_"),
    *_rows("forks of new-api", "TASK_STATE_", "JOB_STATUS_", "VIDEO_STATUS_", "STATUS_"),
)

STATE_WORDS: Final = (
    *_rows("Amux, OpenAI, new-api", "queued", means=QUEUED),
    *_rows("new-api", "not_start", "submitted", means=QUEUED),
    *_rows("DashScope, Runway, xAI", "pending", means=QUEUED),
    *_rows("fal, SiliconFlow, Jimeng", "in_queue", means=QUEUED),
    *_rows("Vidu", "created", "queueing", means=QUEUED),
    *_rows("MiniMax", "preparing", means=QUEUED),
    *_rows("Qiniu", "initializing", means=QUEUED),
    *_rows("Replicate", "starting", means=QUEUED),
    *_rows("kie", "waiting", "queuing", means=QUEUED),
    *_rows("Runway", "throttled", means=QUEUED),
    *_rows("other gateways", "not_started", "scheduled", "accepted", "enqueued", "created_task", means=QUEUED),
    *_rows("Amux, OpenAI, new-api", "in_progress", means=IN_PROGRESS),
    *_rows("Kling, Replicate, MiniMax, Zhipu", "processing", means=IN_PROGRESS),
    *_rows("Volcengine, DashScope, Runway", "running", means=IN_PROGRESS),
    *_rows("kie, Jimeng", "generating", means=IN_PROGRESS),
    *_rows("Luma", "dreaming", means=IN_PROGRESS),
    *_rows("other gateways", "started", "rendering", "executing", "working", "progressing", means=IN_PROGRESS),
    *_rows("Amux, OpenAI, HeyGen", "completed", means=COMPLETED),
    *_rows("new-api, Vidu, MiniMax, kie", "success", means=COMPLETED),
    *_rows("Volcengine, DashScope, Replicate, Runway", "succeeded", means=COMPLETED),
    *_rows("Kling, SiliconFlow, Novita", "succeed", means=COMPLETED),
    *_rows("xAI, Jimeng", "done", means=COMPLETED),
    *_rows("other gateways", "finished", "finish", "complete", "successful", "successed", means=COMPLETED),
    *_rows("Amux, OpenAI, Kling, Vidu", "failed", means=FAILED),
    *_rows("new-api", "failure", means=FAILED),
    *_rows("MiniMax, kie, Zhipu", "fail", means=FAILED),
    *_rows("other gateways", "error", "errored", "aborted", "terminated", means=FAILED),
    *_rows("Volcengine, Runway", "cancelled", means=FAILED),
    *_rows("Replicate, DashScope", "canceled", means=FAILED),
    *_rows("other gateways", "timeout", "timed_out", means=FAILED),
    *_rows(
        "moderated models", "rejected", "moderated", "blocked", "content_moderated", "moderation_failed", means=FAILED
    ),
    *_rows("Volcengine, OpenAI, xAI", "expired", means=GONE),
    *_rows("OpenAI, SGLang", "deleted", means=GONE),
)

# States that are numbers or booleans, by their name and, if needed, the object they are in.
STATE_NUMBERS: Final = (
    *_rows("kie (Veo)", "successFlag=0", means=IN_PROGRESS),
    *_rows("kie (Veo)", "successFlag=1", means=COMPLETED),
    *_rows("kie (Veo)", "successFlag=2", "successFlag=3", means=FAILED),
    *_rows("PixVerse", "Resp.status=1", means=COMPLETED),
    *_rows("PixVerse", "Resp.status=5", means=IN_PROGRESS),
    *_rows("PixVerse", "Resp.status=6", means=GONE),
    *_rows("PixVerse", "Resp.status=7", "Resp.status=8", means=FAILED),
    *_rows("Google, long-running operations", "done=false", means=IN_PROGRESS),
    *_rows("Google, long-running operations", "done=true", means=COMPLETED),
)

ID_NAMES: Final = (
    *_rows("Amux, new-api, Kling, DashScope, MiniMax", "task_id"),
    *_rows("OpenAI, Volcengine, Replicate, Vidu", "id"),
    *_rows("PixVerse, HeyGen", "video_id"),
    *_rows("xAI, fal", "request_id"),
    *_rows("fal, forks of new-api", "generation_id", "job_id", "uuid"),
    *_rows("Google", "name"),
)

# Names of video URLs, and of objects that contain them. Of the names in one object, the one with the most videos
# counts; of several with the same number, the first.
VIDEO_PLACES: Final = (
    *_rows("Vidu, MiniMax", "no_watermark_url", "url_without_watermark", "nwm_video_url", "watermark_free_url"),
    *_rows("Amux, Kling, Qiniu", "url"),
    *_rows("new-api", "result_url"),
    *_rows("DashScope, Volcengine, Jimeng, Novita", "video_url"),
    *_rows("new-api, OpenAI dialect", "metadata"),
    *_rows("Volcengine", "content"),
    *_rows("xAI, fal, Luma", "video"),
    *_rows("Kling", "task_result"),
    *_rows("Kling, SiliconFlow, Novita", "videos"),
    *_rows("Zhipu", "video_result"),
    *_rows("Tencent Hunyuan", "ResultVideoUrl"),
    *_rows("Vidu", "creations"),
    *_rows("Runway, Replicate, DashScope", "output"),
    *_rows("kie", "resultJson", "resultUrls", "originUrls"),
    *_rows("SiliconFlow, other gateways", "results", "result"),
    *_rows("Google", "response", "generatedVideos", "generatedSamples", "generateVideoResponse", "uri", "fileUri"),
    *_rows("Luma", "assets"),
    *_rows("MiniMax", "file", "download_url"),
    *_rows("other gateways", "outputs", "urls", "video_urls", "output_url", "output_video", "file_url"),
    *_rows(
        "other gateways", "media", "media_url", "files", "works", "resource", "generations", "choices", "mp4", "src"
    ),
    *_rows(
        "other gateways",
        "task",
        "data",
        "Resp",
        "items",
        "generation",
        "download_urls",
        "origin_url",
        "origin_video_url",
    ),
    *_rows("Google", "bytesBase64Encoded", "videoBytes", "encodedVideo"),
    *_rows("OpenAI dialect, other gateways", "b64_json", "video_base64", "base64"),
)
# For finished tasks, if there is nothing else.
OLD_VIDEO_PLACES: Final = (*_rows("old rows of new-api", "fail_reason"),)
WATERMARKED_PLACES: Final = (*_rows("Vidu, Kling", "watermark_url", "watermarked_url", "watermark_video_url"),)

# Names of the reason for a failure, the most informative first.
REASON_PLACES: Final = (
    *_rows("Amux, OpenAI, Volcengine, Google, Replicate", "error"),
    *_rows("new-api", "fail_reason"),
    *_rows("Luma", "failure_reason"),
    *_rows("kie", "failMsg"),
    *_rows("Kling", "task_status_msg"),
    *_rows("Runway", "failure"),
    *_rows("FastAPI (litellm, SGLang, fal)", "detail", "details"),
    *_rows(
        "other gateways",
        "errors",
        "error_message",
        "error_msg",
        "ErrMsg",
        "reason",
        "reasons",
    ),
    *_rows("Google", "raiMediaFilteredReasons"),
    *_rows("DashScope, SiliconFlow, kie", "message", "msg"),
    *_rows("MiniMax", "status_msg", "base_resp"),
    *_rows("other gateways", "description", "status_message", "moderation_reason", "block_reason"),
)
# Used only if there is no reason in words.
CODE_PLACES: Final = (
    *_rows("Vidu", "err_code"),
    *_rows("Runway", "failureCode"),
    *_rows("other gateways", "error_type", "error_code", "type", "code"),
)
# Some gateways put the reason for a failure in place of the URL.
REASON_ADDRESSES: Final = (*_rows("new-api", "result_url", "metadata.url"),)

USAGE_NAMES: Final = (
    *_rows("Volcengine, OpenAI dialect", "usage"),
    *_rows("new-api", "quota"),
    *_rows("Vidu", "credits"),
    *_rows("other gateways", "cost", "credit", "credits_used", "consumed_credits", "price", "billing", "units"),
)

TABLES: Final = {
    "Objects that hold the task": TASK_PLACES,
    "Names of the state": STATE_NAMES,
    "Prefixes of state words": STATE_PREFIXES,
    "State words": STATE_WORDS,
    "Numeric states": STATE_NUMBERS,
    "Names of the task ID": ID_NAMES,
    "Names of video URLs": VIDEO_PLACES,
    "Names of video URLs in old rows": OLD_VIDEO_PLACES,
    "Names of URLs of watermarked copies": WATERMARKED_PLACES,
    "Names of failure reasons": REASON_PLACES,
    "Names of failure codes": CODE_PLACES,
    "Names of URLs that may hold a failure reason": REASON_ADDRESSES,
    "Names of usage": USAGE_NAMES,
}
