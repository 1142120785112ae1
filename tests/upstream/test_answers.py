"""Every known dialect is parsed into the same `Answer`."""

from datetime import UTC, datetime

import pytest

from dashboard.upstream.answers import Answer, parse
from dashboard.upstream.created_tasks import created_ids
from dashboard.upstream.errors import InvalidResponse

URL = "https://cdn.example.com/a/result.mp4?sig=a%2Fb%3D"
AT = 1_760_000_000
WHEN = datetime.fromtimestamp(AT, UTC)


def envelope(**task: object) -> dict[str, object]:
    return {"code": "success", "message": "", "data": {"id": 4711, "task_id": "t1", **task}}


def told(answer: Answer, name: str) -> object:
    """Returns a field of the answer; `url`: the URL of the first video, None without one."""
    return next(iter(answer.video_urls), None) if name == "url" else getattr(answer, name)


DIALECTS: list[tuple[str, object, dict[str, object]]] = [
    ("documented: queued", {"task_id": "t1", "status": "queued"}, {"task_id": "t1", "status": "queued"}),
    (
        "documented: in progress",
        {"task_id": "t1", "status": "in_progress"},
        {"status": "in_progress", "progress": None},
    ),
    (
        "documented: completed",
        {
            "task_id": "t1",
            "status": "completed",
            "url": URL,
            "format": "mp4",
            "metadata": {"duration": 5.0, "fps": 24, "width": 1280, "height": 720, "seed": 20231234},
        },
        {
            "task_id": "t1",
            "status": "completed",
            "url": URL,
            "format": "mp4",
            "duration": 5.0,
            "fps": 24,
            "width": 1280,
            "height": 720,
            "seed": 20231234,
        },
    ),
    (
        "documented: failed",
        {"task_id": "t1", "status": "failed", "error": {"code": 50001, "message": "Against the policy."}},
        {"status": "failed", "error_code": "50001", "error_message": "Against the policy.", "url": None},
    ),
    ("envelope: the row number is not the id", envelope(status="QUEUED"), {"task_id": "t1", "status": "queued"}),
    (
        "envelope: no task_id, so no id at all",
        {"code": "success", "data": {"id": 4711, "status": "QUEUED"}},
        {"task_id": None},
    ),
    ("envelope: NOT_START", envelope(status="NOT_START"), {"status": "queued", "raw_status": "NOT_START"}),
    ("envelope: SUBMITTED", envelope(status="SUBMITTED"), {"status": "queued"}),
    (
        "envelope: IN_PROGRESS",
        envelope(status="IN_PROGRESS", progress="30%"),
        {"status": "in_progress", "progress": 30},
    ),
    ("envelope: UNKNOWN", envelope(status="UNKNOWN"), {"status": None, "raw_status": "UNKNOWN"}),
    ("envelope: processing", envelope(status="processing"), {"status": "in_progress"}),
    ("envelope: succeeded", envelope(status="succeeded", url=URL), {"status": "completed", "url": URL}),
    (
        "envelope: SUCCESS",
        envelope(
            status="SUCCESS", progress="100%", result_url=URL, submit_time=AT, start_time=AT + 1, finish_time=AT + 2
        ),
        {
            "status": "completed",
            "url": URL,
            "progress": 100,
            "started_at": datetime.fromtimestamp(AT + 1, UTC),
            "finished_at": datetime.fromtimestamp(AT + 2, UTC),
        },
    ),
    (
        "envelope: an old row keeps its url in fail_reason",
        envelope(status="SUCCESS", fail_reason=URL),
        {"status": "completed", "url": URL, "error_message": ""},
    ),
    (
        "envelope: a failed row keeps its text in result_url",
        envelope(status="FAILURE", result_url="upstream: content policy", progress="100%"),
        {"status": "failed", "url": None, "error_message": "upstream: content policy", "progress": 100},
    ),
    (
        "envelope: fail_reason",
        envelope(status="FAILURE", fail_reason="no quota", finish_time=AT),
        {"status": "failed", "error_message": "no quota", "finished_at": WHEN},
    ),
    ("envelope: a failed row has no video", envelope(status="FAILURE", result_url=URL), {"url": None}),
    (
        "envelope: zero times",
        envelope(status="QUEUED", submit_time=0, start_time=0, finish_time=0),
        {"started_at": None, "finished_at": None},
    ),
    (
        "envelope: the vendor's own data inside is left alone",
        envelope(status="IN_PROGRESS", data={"task_id": "vendor", "status": "done"}),
        {"task_id": "t1", "status": "in_progress"},
    ),
    (
        "videos: completed_at while queued",
        {"id": "t1", "object": "video", "status": "queued", "progress": 0, "created_at": AT, "completed_at": AT + 9},
        {"task_id": "t1", "status": "queued", "progress": 0, "finished_at": None},
    ),
    ("videos: unknown for a fresh task", {"id": "t1", "status": "unknown"}, {"status": None, "raw_status": "unknown"}),
    (
        "videos: metadata.url",
        {"id": "t1", "task_id": "t1", "status": "completed", "metadata": {"url": URL}, "completed_at": AT * 1000},
        {"url": URL, "finished_at": WHEN},
    ),
    ("videos: metadata.url empty", {"id": "t1", "status": "completed", "metadata": {"url": ""}}, {"url": None}),
    (
        "videos: metadata.url is text",
        {"id": "t1", "status": "failed", "metadata": {"url": "generation failed"}},
        {"url": None, "error_message": "generation failed"},
    ),
    (
        "videos: error code is text",
        {"id": "t1", "status": "failed", "error": {"code": "moderation", "message": "No."}},
        {"error_code": "moderation", "error_message": "No."},
    ),
    ("videos: no error given", {"id": "t1", "status": "failed"}, {"error_code": "", "error_message": ""}),
    (
        "rc.30: flat and upper case",
        {"task_id": "t1", "status": "SUCCESS", "progress": "100%", "finished_at": AT, "fail_reason": ""},
        {"status": "completed", "url": None, "progress": 100, "finished_at": WHEN},
    ),
    (
        "rc.30: flat with a data of its own",
        {"task_id": "t1", "status": "SUCCESS", "data": {"task_id": "x", "status": "queued"}},
        {"task_id": "t1", "status": "completed"},
    ),
    (
        "openai: completed",
        {"id": "video_1", "status": "completed", "progress": 100, "seconds": "8", "size": "1280x720", "error": None},
        {"task_id": "video_1", "duration": 8.0, "width": 1280, "height": 720, "url": None},
    ),
    (
        "openai: expired",
        {"id": "video_1", "status": "expired"},
        {"status": "failed", "is_gone": True, "raw_status": "expired", "error_message": "expired"},
    ),
    ("litellm: slashes in the id", {"id": "video_a+b/c=", "status": "queued"}, {"task_id": "video_a+b/c="}),
    ("sglang: null progress", {"id": "t1", "status": "in_progress", "progress": None}, {"progress": None}),
    ("vllm: deleted", {"id": "t1", "status": "deleted"}, {"status": "failed", "is_gone": True}),
    ("vllm: detail", {"id": "t1", "status": "failed", "detail": "out of memory"}, {"error_message": "out of memory"}),
    (
        "vllm: detail list",
        {"id": "t1", "status": "failed", "detail": [{"msg": "bad prompt"}, 3]},
        {"error_message": "bad prompt"},
    ),
    ("error as text", {"id": "t1", "status": "failed", "error": "broken"}, {"error_message": "broken"}),
    ("error code zero", {"id": "t1", "status": "failed", "error": {"code": 0}}, {"error_code": ""}),
    ("word in another spelling", {"id": "t1", "status": " In-Progress "}, {"status": "in_progress"}),
    ("word we do not know", {"id": "t1", "status": "banana"}, {"status": None, "raw_status": "banana"}),
    ("no status", {"id": "t1"}, {"status": None, "raw_status": ""}),
    ("null status", {"id": "t1", "status": None}, {"status": None, "raw_status": ""}),
    ("number as status", {"id": "t1", "status": 3}, {"status": None, "raw_status": ""}),
    ("a url alone ends nothing", {"id": "t1", "url": URL}, {"status": None, "url": URL}),
    ("null metadata", {"id": "t1", "status": "completed", "metadata": None}, {"duration": None, "url": None}),
    ("metadata as list", {"id": "t1", "status": "completed", "metadata": [1]}, {"duration": None}),
    (
        "zeros mean unknown",
        {
            "id": "t1",
            "status": "completed",
            "metadata": {"duration": 0, "fps": 0, "width": 0, "height": 0, "seed": 0},
        },
        {"duration": None, "fps": None, "width": None, "height": None, "seed": None},
    ),
    ("zero beside a number", {"id": "t1", "metadata": {"duration": 0}, "seconds": "4"}, {"duration": 4.0}),
    ("a seed beyond a float", {"id": "t1", "metadata": {"seed": 2**63 - 1}}, {"seed": 2**63 - 1}),
]


@pytest.mark.parametrize(("document", "expected"), [row[1:] for row in DIALECTS], ids=[row[0] for row in DIALECTS])
def test_it_reads_every_dialect(document: object, expected: dict[str, object]) -> None:
    answer = parse(document)
    assert {name: told(answer, name) for name in expected} == expected


FIELDS: list[tuple[str, object, str, object]] = [
    ("progress", "30%", "progress", 30),
    ("progress", " 7 ", "progress", 7),
    ("progress", 30.9, "progress", 30),
    ("progress", 0, "progress", 0),
    ("progress", -1, "progress", None),
    ("progress", 150, "progress", None),
    ("progress", float("nan"), "progress", None),
    ("progress", True, "progress", None),
    ("progress", "soon", "progress", None),
    ("progress", [], "progress", None),
    ("duration", "5", "duration", 5.0),
    ("duration", "5.5", "duration", 5.5),
    ("duration", "5s", "duration", None),
    ("duration", "٥", "duration", None),
    ("duration", float("nan"), "duration", None),
    ("duration", float("inf"), "duration", None),
    ("duration", -5, "duration", None),
    ("duration", 10**400, "duration", None),
    ("duration", False, "duration", None),
    ("fps", 23.976, "fps", 23),
    ("fps", 0.5, "fps", None),
    ("fps", 10**9, "fps", None),
    ("seed", -1, "seed", None),
    ("seed", 2**63, "seed", None),
    ("size", "1280x720", "width", 1280),
    ("size", "1280 X 720", "height", 720),
    ("size", "0x720", "width", None),
    ("size", "big", "width", None),
    ("size", 720, "width", None),
    ("url", "ftp://example.com/a", "url", None),
    ("url", "javascript:alert(1)", "url", None),
    ("url", "data:video/mp4;base64,AAAA", "url", None),
    ("url", "/v1/videos/t1/content", "url", None),
    ("url", "https://", "url", None),
    ("url", "https://[::1/a", "url", None),
    ("url", "https://a/b c", "url", "https://a/b%20c"),
    ("url", "https://a/" + "b" * 9_000, "url", None),
    ("url", "HTTPS://a/b", "url", "HTTPS://a/b"),
    ("url", None, "url", None),
    ("url", {"url": URL}, "url", None),
    ("video_url", URL, "url", URL),
    ("fail_reason", URL, "url", None),
    ("format", "MP4", "format", "mp4"),
    ("started_at", AT * 1000, "started_at", WHEN),
    ("started_at", AT * 1_000_000, "started_at", WHEN),
    ("started_at", str(AT), "started_at", WHEN),
    ("started_at", "2025-10-09T08:53:20Z", "started_at", WHEN),
    ("started_at", "2025-10-09T08:53:20", "started_at", WHEN),
    ("started_at", "yesterday", "started_at", None),
    ("started_at", "0001-01-01T00:00:00+14:00", "started_at", None),
    ("started_at", 10**300, "started_at", None),
    ("started_at", -5, "started_at", None),
    ("started_at", {}, "started_at", None),
    ("error", {"message": "a\x00b\ud800"}, "error_message", "a\ufffdb?"),
    ("error", {"message": "x" * 70_000}, "error_message", "x" * 19_979 + "\n… (the rest was cut)"),
    ("error", {"code": 10**30}, "error_code", ""),
    ("error", {"code": True}, "error_code", ""),
]


@pytest.mark.parametrize(("name", "value", "field", "expected"), FIELDS)
def test_it_takes_odd_values_for_what_they_are(name: str, value: object, field: str, expected: object) -> None:
    assert told(parse({"id": "t1", "status": "in_progress", name: value}), field) == expected


@pytest.mark.parametrize("document", [None, [], "queued", 3, float("nan"), True])
def test_it_refuses_what_is_not_an_object(document: object) -> None:
    with pytest.raises(InvalidResponse):
        parse(document)


@pytest.mark.parametrize("document", [{"id": "t2", "status": "failed"}, envelope(task_id="t2", status="SUCCESS")])
def test_it_refuses_another_tasks_answer(document: object) -> None:
    with pytest.raises(InvalidResponse):
        parse(document, asked_for="t1")


def test_it_takes_the_id_that_was_asked_for() -> None:
    assert parse({"id": "t1", "task_id": "other"}, asked_for="t1").task_id == "t1"
    assert parse({"status": "queued"}, asked_for="t1").task_id is None


def test_it_knows_a_litellm_id_that_was_wrapped_anew() -> None:
    asked = "video_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOm9wZW5haTttb2RlbF9pZDphO3ZpZGVvX2lkOnYx"  # model a, video v1
    other = "video_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOm9wZW5haTttb2RlbF9pZDpiO3ZpZGVvX2lkOnYx"  # model b, video v1
    assert parse({"id": other, "status": "queued"}, asked_for=asked).task_id == asked


def test_it_reads_an_id_that_is_the_data() -> None:
    assert created_ids({"code": "success", "data": "t9"}) == ["t9"]
