"""Creating a task: sent once, and every outcome says whether a task may have been started."""

import asyncio
import json

import httpx
import pytest

from dashboard.upstream import errors
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import KEY, Handler, asking, reply
from tests.upstream.servers import Connection, answer, replying, serving, speaking

PAYLOAD = {"model": "m", "prompt": "Ein Bär \ud83d"}


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_it_returns_the_id(status: int) -> None:
    async with asking(reply(status, {"task_id": "t1", "status": "queued"})) as client:
        found = await client.create(PAYLOAD, KEY)
    assert (found.answer.task_id, found.answer.status) == ("t1", "queued")


async def test_it_sends_json() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "t1"})

    async with asking(handler) as client:
        await client.create(PAYLOAD, KEY)
    assert (seen[0].method, seen[0].url.path) == ("POST", "/v1/video/generations")
    assert seen[0].headers["content-type"] == "application/json"
    assert json.loads(seen[0].content)["model"] == "m"


UNSURE = errors.SubmissionUncertain
CASES: list[tuple[str, Handler, type[errors.UpstreamError]]] = [
    ("400", reply(400, {"error": {"message": "no prompt"}}), errors.Rejected),
    ("402", reply(402), errors.Rejected),
    ("404 model", reply(404, {"error": {"message": "no such model", "code": "model_not_found"}}), errors.Rejected),
    ("413", reply(413), errors.Rejected),
    ("422", reply(422, {"detail": [{"msg": "bad"}]}), errors.Rejected),
    ("404 html", reply(404, body=b"<html>", kind="text/html"), errors.Misconfigured),
    ("405", reply(405), errors.Misconfigured),
    ("200 html", reply(200, body=b"<html>", kind="text/html"), errors.Misconfigured),
    ("302", reply(302, location="/login"), errors.Misconfigured),
    ("307 elsewhere", reply(307, location="https://other.example/"), errors.Misconfigured),
    ("304", reply(304, body=b""), errors.Misconfigured),
    ("401", reply(401), errors.KeyRefused),
    ("403", reply(403, {"error": {"message": "no"}}), errors.KeyRefused),
    ("403 quota", reply(403, {"error": {"message": "no quota"}}), errors.Rejected),
    ("429", reply(429, body=b""), errors.RateLimited),
    ("408", reply(408), errors.SubmissionUncertain),
    ("500", reply(500), errors.SubmissionUncertain),
    ("504", reply(504), errors.SubmissionUncertain),
    ("no id", reply(200, {"status": "queued"}), errors.SubmissionUncertain),
    ("id that is none", reply(200, {"id": ".."}), errors.SubmissionUncertain),
    ("error under 200", reply(200, {"error": {"message": "x"}}), errors.Rejected),
    ("code under 200", reply(200, {"code": 402, "msg": "Not enough credits.", "data": None}), errors.Rejected),
    ("code in base_resp", reply(200, {"base_resp": {"status_code": 1008, "status_msg": "no"}}), errors.Rejected),
    ("an ID of the call alone", reply(200, {"code": 50411, "message": "no", "request_id": "r"}), errors.Rejected),
    ("ErrCode", reply(200, {"ErrCode": 500043, "ErrMsg": "all credits used", "Resp": None}), errors.Rejected),
    ("success: false", reply(200, {"success": False, "message": "no"}), errors.Rejected),
    ("key under 200", reply(200, {"code": 401, "msg": "no"}), errors.KeyRefused),
    ("429 balance", reply(429, {"error": {"message": "x", "code": "insufficient_quota"}}), errors.Rejected),
    ("503 no channel", reply(503, {"error": {"message": "No available channel for model x"}}), errors.Rejected),
    ("503 busy", reply(503, {"error": {"message": "busy"}}), errors.SubmissionUncertain),
    ("500 policy", reply(500, {"error": {"message": "It breaks the content policy."}}), errors.Rejected),
    ("500 created, but", reply(500, {"error": {"message": "Task created, but saving the balance log failed"}}), UNSURE),
    ("503 consumed", reply(503, {"error": {"message": "upstream timeout; quota was pre-consumed"}}), UNSURE),
    ("500 moderation timed out", reply(500, {"error": {"message": "moderation service timeout"}}), UNSURE),
    ("500 balance", reply(500, {"error": {"message": "balance could not be read"}}), UNSURE),
    ("502 no channel", reply(502, {"error": {"message": "No available channel for model x"}}), errors.Rejected),
    ("504 else", reply(504, {"error": {"message": "upstream timed out"}}), UNSURE),
    ("a failed state", reply(200, {"status": "error", "message": "nope"}), errors.Rejected),
    ("a row's number", reply(200, {"code": "success", "data": {"id": 17}}), UNSURE),
    ("a row's number as text", reply(200, {"code": "success", "data": {"id": "17"}}), UNSURE),
    ("402 in data", reply(200, {"code": 402, "msg": "x", "data": "recharge"}), errors.Rejected),
    ("an error with its ID", reply(200, {"error": {"message": "no"}, "id": "req_9"}), errors.Rejected),
    ("a trace", reply(200, {"base_resp": {"status_code": 1008, "status_msg": "no"}, "id": "trace"}), errors.Rejected),
    ("500 else", reply(500, {"error": {"message": "upstream timed out"}}), errors.SubmissionUncertain),
    ("403 challenge", reply(403, body=b"<html>", kind="text/html", cf_mitigated="challenge"), errors.Rejected),
    ("fine, but no id", reply(200, {"code": 0, "message": "success"}), errors.SubmissionUncertain),
    ("truncated", reply(200, body=b'{"task_id"'), errors.SubmissionUncertain),
    ("204", reply(204, body=b""), errors.SubmissionUncertain),
    ("gzip", reply(200, {"id": "t1"}, content_encoding="gzip"), errors.SubmissionUncertain),
]


@pytest.mark.parametrize(("handler", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_it_says_whether_something_was_started(
    real_client: RealClient, handler: Handler, kind: type[errors.UpstreamError]
) -> None:
    async with serving(speaking(handler)) as server, real_client(server.base) as client:
        with pytest.raises(errors.UpstreamError) as caught:
            await client.create(PAYLOAD, KEY)
    assert type(caught.value) is kind


SEVERAL: list[tuple[str, object, list[str]]] = [
    ("data", {"code": 0, "data": [{"task_id": "a"}, {"task_id": "b"}]}, ["a", "b"]),
    ("tasks", {"tasks": [{"id": "a", "status": "queued"}, {"id": "b", "status": "queued"}]}, ["a", "b"]),
    ("a list", [{"id": "a", "status": "queued"}, {"id": "b", "status": "queued"}], ["a", "b"]),
    ("nested", {"data": {"tasks": [{"task_id": "a"}, {"task_id": "b"}, {"task_id": "a"}]}}, ["a", "b"]),
    ("two objects are one task", {"id": "a", "data": {"task_id": "a", "result": {"id": "b"}}}, ["a"]),
    ("one in a list", {"data": [{"task_id": "a"}]}, ["a"]),
]


@pytest.mark.parametrize(("document", "ids"), [case[1:] for case in SEVERAL], ids=[case[0] for case in SEVERAL])
async def test_it_returns_every_task_of_a_list(real_client: RealClient, document: object, ids: list[str]) -> None:
    async with serving(speaking(reply(200, document))) as server, real_client(server.base) as client:
        found = (await client.create(PAYLOAD, KEY)).answer
    assert [found.task_id, *found.more_task_ids] == ids


# Responses of gateways to a creation, as members have reported them.
REFUSED: list[tuple[str, Handler, str]] = [
    (
        "kie 402",
        reply(200, {"code": 402, "msg": "Your credits are not enough for this model.", "data": None}),
        "Your credits",
    ),
    (
        "model not found under 200",
        reply(200, {"error": {"message": "model veo-9 does not exist", "code": "model_not_found"}}),
        "model veo-9 does not exist",
    ),
    (
        "429 for the balance",
        reply(429, {"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}),
        "You exceeded your current quota.",
    ),
    (
        "503 no channel",
        reply(503, {"error": {"message": "No available channel for model veo-9", "code": "model_not_found"}}),
        "No available channel for model veo-9",
    ),
    (
        "500 policy",
        reply(500, {"success": False, "error": {"message": "Rejected: the prompt breaks its content policy."}}),
        "Rejected: the prompt",
    ),
    (
        "a challenge",
        reply(403, body=b"<title>Just a moment...</title>", kind="text/html", cf_mitigated="x"),
        "“Just a moment",
    ),
    ("maintenance", reply(200, body=b"<html><title>Under maintenance</title>", kind="text/html"), "“Under maintenance"),
]


@pytest.mark.parametrize(("handler", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_a_refusal_starts_nothing_and_begins_with_its_words(
    real_client: RealClient, handler: Handler, words: str
) -> None:
    async with serving(speaking(handler)) as server, real_client(server.base) as client:
        with pytest.raises(errors.UpstreamError) as caught:
            await client.create(PAYLOAD, KEY)
    assert not isinstance(caught.value, errors.SubmissionUncertain)
    assert caught.value.message.startswith(words)


IDS: list[tuple[str, object, str]] = [
    ("documented", {"task_id": "T", "status": "queued"}, "T"),
    ("OpenAI", {"id": "T", "object": "video", "status": "queued"}, "T"),
    ("envelope", {"code": "success", "data": {"id": 5, "task_id": "T"}}, "T"),
    ("envelope of a text", {"code": "success", "data": "T"}, "T"),
    ("kie", {"code": 200, "msg": "success", "data": {"taskId": "T"}}, "T"),
    ("DashScope", {"request_id": "r", "output": {"task_id": "T", "task_status": "PENDING"}}, "T"),
    ("PixVerse", {"ErrCode": 0, "Resp": {"video_id": 326000000000001}}, "326000000000001"),
    ("xAI", {"request_id": "T"}, "T"),
    ("Google", {"name": "models/veo/operations/T"}, "models/veo/operations/T"),
    ("MiniMax", {"task_id": "T", "base_resp": {"status_code": 0, "status_msg": "success"}}, "T"),
    ("Jimeng", {"code": 10000, "data": {"task_id": "T"}, "message": "Success", "request_id": "r"}, "T"),
    ("the innermost", {"id": "call", "data": {"id": "T"}}, "T"),
    ("another task inside", {"task_id": "T", "status": "queued", "data": {"task_id": "x"}}, "T"),
    ("a list of one", {"data": [{"task_id": "T"}]}, "T"),
    ("litellm", {"id": "video_a+b/c=", "status": "queued"}, "video_a+b/c="),
    ("a list", [{"task_id": "T"}, {"task_id": "U"}], "T"),
    ("an odd code", {"code": 1, "data": {"task_id": "T"}}, "T"),
    ("the first of a list", {"data": [{"task_id": "T"}, {"task_id": "U"}]}, "T"),
]


@pytest.mark.parametrize(("document", "expected"), [case[1:] for case in IDS], ids=[case[0] for case in IDS])
async def test_it_takes_the_id_of_the_task(real_client: RealClient, document: object, expected: str) -> None:
    async with serving(speaking(reply(200, document))) as server, real_client(server.base) as client:
        assert (await client.create(PAYLOAD, KEY)).answer.task_id == expected


WORDS: list[tuple[str, Handler, str]] = [
    ("credits", reply(200, {"code": 402, "msg": "Not enough credits.", "data": None}), "Not enough credits."),
    (
        "inputs",
        reply(
            422, {"detail": [{"loc": ["body", "prompt"], "msg": "Flagged."}, {"loc": ["body", "image"], "msg": "No."}]}
        ),
        "prompt: Flagged.\nimage: No.",
    ),
    (
        "a reason in details",
        reply(400, {"error": {"message": "Invalid.", "details": [{"reason": "PUBLIC_ERROR_UNSAFE_GENERATION"}]}}),
        "Invalid.\nPUBLIC_ERROR_UNSAFE_GENERATION",
    ),
    (
        "a web page",
        reply(200, body=b"<title>Maintenance</title><p>Back &gt; 18:00", kind="text/html"),
        "“Maintenance Back > 18:00”",
    ),
    (
        "unclear",
        reply(500, {"error": {"message": "upstream timed out."}}),
        "upstream timed out. The task may have been started.",
    ),
]


@pytest.mark.parametrize(("handler", "words"), [case[1:] for case in WORDS], ids=[case[0] for case in WORDS])
async def test_the_gateways_words_come_first(real_client: RealClient, handler: Handler, words: str) -> None:
    async with serving(speaking(handler)) as server, real_client(server.base) as client:
        with pytest.raises(errors.UpstreamError) as caught:
            await client.create(PAYLOAD, KEY)
    assert caught.value.message.startswith(words)


async def test_it_quotes_the_reason_without_the_key() -> None:
    async with asking(reply(400, {"error": {"message": f"{KEY.reveal()} may not do this" + "!" * 5_000}})) as client:
        with pytest.raises(errors.Rejected, match="sk-…wxyz may not do this!") as caught:
            await client.create(PAYLOAD, KEY)
    assert len(caught.value.message) <= 2_000


async def test_it_tries_the_other_route_only_when_there_is_none() -> None:
    paths: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, json={"id": "t1"}) if request.url.path == "/v1/videos" else httpx.Response(404)

    async with asking(handler) as client:
        await client.create(PAYLOAD, KEY)
        await client.create(PAYLOAD, KEY)
    assert paths == ["/v1/video/generations", "/v1/videos", "/v1/videos"]


async def test_it_follows_a_redirect_that_keeps_the_method() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/"):
            return httpx.Response(200, json={"id": json.loads(request.content)["model"]})
        return httpx.Response(308, headers={"location": request.url.path + "/"})

    async with asking(handler) as client:
        assert (await client.create(PAYLOAD, KEY)).answer.task_id == "m"


async def test_nothing_is_started_without_a_connection(real_client: RealClient) -> None:
    async with serving(replying(b"")) as server:
        base = server.base
    async with real_client(base) as client:
        with pytest.raises(errors.Unavailable):
            await client.create(PAYLOAD, KEY)


async def test_it_is_uncertain_when_the_connection_breaks(real_client: RealClient) -> None:
    async with serving(replying(b"", then_close=True)) as server, real_client(server.base) as client:
        with pytest.raises(errors.SubmissionUncertain):
            await client.create(PAYLOAD, KEY)
        assert len(server.heads) == 1


async def test_it_is_uncertain_at_the_deadline(real_client: RealClient) -> None:
    async def silent(connection: Connection, head: str) -> None:
        await asyncio.Event().wait()

    async with serving(silent) as server, real_client(server.base, total=0.2) as client:
        with pytest.raises(errors.SubmissionUncertain):
            await client.create(PAYLOAD, KEY)
        assert len(server.heads) == 1


async def test_it_sends_a_large_picture(real_client: RealClient) -> None:
    created = answer(body=b'{"id": "t1"}', Connection="close")
    async with serving(replying(created)) as server, real_client(server.base) as client:
        found = await client.create({"image": "x" * 3_000_000}, KEY)
    assert found.answer.task_id == "t1"
    assert "Content-Length: 3000013" in server.heads[0].title()
