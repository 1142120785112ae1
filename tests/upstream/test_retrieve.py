"""A poll ends with an answer or with the one error that says what to do."""

import json

import httpx
import pytest

from dashboard.upstream import errors
from dashboard.upstream.client import Client
from tests.upstream.gateways import BASE, KEY, Handler, asking, reply

QUEUED = {"task_id": "t1", "status": "queued"}
HTML = b"<!doctype html><title>A shop</title>"
NOT_EXIST = {"code": "task_not_exist", "message": "task_not_exist", "data": None}


async def test_it_returns_the_answer_and_its_text() -> None:
    async with asking(reply(200, QUEUED)) as client:
        found = await client.retrieve(" t1 ", KEY)
    assert (found.answer.task_id, found.answer.status) == ("t1", "queued")
    assert (found.raw.status, found.raw.content_type) == (200, "application/json")
    assert found.raw.body == '{"task_id": "t1", "status": "queued"}'


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", f"{BASE}/v1", f"{BASE}/v1/"])
async def test_an_address_may_end_in_v1(base: str) -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json=QUEUED)

    client = Client(base, transport=httpx.MockTransport(handler))
    await client.retrieve("t1", KEY)
    await client.aclose()
    assert seen == [f"{BASE}/v1/video/generations/t1"]


CASES: list[tuple[str, Handler, type[errors.UpstreamError]]] = [
    ("html", reply(200, body=HTML, kind="text/html"), errors.Misconfigured),
    ("html in disguise", reply(200, body=b"\n " + HTML), errors.Misconfigured),
    ("404 html", reply(404, body=HTML, kind="text/html; charset=utf-8"), errors.Misconfigured),
    ("404 unknown path", reply(404, {"error": {"message": "Invalid URL (GET /x)"}}), errors.Misconfigured),
    ("405", reply(405), errors.Misconfigured),
    ("redirect elsewhere", reply(302, location="https://other.example/"), errors.Misconfigured),
    ("redirect to http", reply(302, location="http://gateway.example/"), errors.Misconfigured),
    ("redirect in circles", reply(302, location="/again"), errors.Misconfigured),
    ("redirect nowhere", reply(302), errors.InvalidResponse),
    ("redirect unreadable", reply(302, location="http://[::1/"), errors.Unavailable),
    ("304", reply(304, body=b""), errors.InvalidResponse),
    ("201", reply(201, QUEUED), errors.InvalidResponse),
    ("202", reply(202, QUEUED), errors.InvalidResponse),
    ("204", reply(204, body=b""), errors.InvalidResponse),
    ("empty", reply(200, body=b""), errors.InvalidResponse),
    ("truncated", reply(200, body=b'{"task_id": "t1", "sta'), errors.InvalidResponse),
    ("list", reply(200, []), errors.InvalidResponse),
    ("list of texts", reply(200, ["queued"]), errors.InvalidResponse),
    ("null", reply(200, None), errors.InvalidResponse),
    ("another task", reply(200, {"task_id": "t2", "status": "completed"}), errors.InvalidResponse),
    ("nul", reply(200, body=b'{"status": "que\x00ued"}'), errors.InvalidResponse),
    ("utf-16", reply(200, body='{"status": "queued"}'.encode("utf-16")), errors.InvalidResponse),
    ("bad utf-8", reply(200, body=b'{"status": "queued\xff"}'), errors.InvalidResponse),
    ("deep", reply(200, body=b'{"status":' + b"[" * 100_000), errors.InvalidResponse),
    ("deep objects", reply(200, body=b'{"a":' * 100_000), errors.InvalidResponse),
    ("huge int", reply(200, body=b'{"status": "queued", "progress": ' + b"9" * 100_000 + b"}"), errors.InvalidResponse),
    ("too large", reply(200, body=b'{"a": [' + b"1," * 1_000_000 + b"1]}"), errors.InvalidResponse),
    ("gzip", reply(200, QUEUED, content_encoding="gzip"), errors.InvalidResponse),
    ("400", reply(400, {"error": {"message": "no"}}), errors.InvalidResponse),
    ("409", reply(409), errors.InvalidResponse),
    ("422", reply(422, {"detail": [{"msg": "no"}]}), errors.InvalidResponse),
    ("404", reply(404, {"error": {"code": "task_not_found"}}), errors.TaskNotFound),
    ("404 detail", reply(404, {"detail": "Not Found"}), errors.TaskNotFound),
    ("404 empty", reply(404, body=b""), errors.TaskNotFound),
    ("410", reply(410), errors.TaskNotFound),
    ("400 task_not_exist", reply(400, NOT_EXIST), errors.TaskNotFound),
    ("200 task_not_exist", reply(200, NOT_EXIST), errors.TaskNotFound),
    ("401", reply(401, {"error": {"message": "bad key"}}), errors.KeyRefused),
    ("403", reply(403, {"error": {"message": "no"}}), errors.KeyRefused),
    ("403 about the key", reply(403, {"error": {"message": "This API key has no quota"}}), errors.KeyRefused),
    ("403 about the balance", reply(403, {"error": {"code": "insufficient_user_quota"}}), errors.InvalidResponse),
    (
        "403 about the region",
        reply(403, {"error": {"message": "Your country is not supported"}}),
        errors.InvalidResponse,
    ),
    ("401 html", reply(401, body=HTML, kind="text/html"), errors.Unavailable),
    ("403 html", reply(403, body=HTML, kind="text/html"), errors.Unavailable),
    ("403 challenge", reply(403, body=b"{}", cf_mitigated="challenge"), errors.Unavailable),
    ("200 challenge", reply(200, body=HTML, kind="text/html", cf_mitigated="challenge"), errors.Unavailable),
    ("200 sign-in page", reply(200, body=HTML + b'<input type="password">', kind="text/html"), errors.Unavailable),
    ("200 no state", reply(200, {"request_id": "r", "id": "t1"}), errors.NoStatus),
    (
        "200 a call's success",
        reply(200, {"code": 10004, "data": {}, "msg": "任务不存在", "success": True}),
        errors.NoStatus,
    ),
    ("200 a call's status", reply(200, {"status": "success", "data": {}}), errors.NoStatus),
    ("200 about the key", reply(200, {"code": 401, "msg": "token expired"}), errors.KeyRefused),
    ("200 about the key in words", reply(200, {"error": {"code": "invalid_api_key"}}), errors.KeyRefused),
    ("200 too many", reply(200, {"code": 429, "msg": "slow down"}), errors.RateLimited),
    ("200 out of order", reply(200, {"code": 500, "msg": "busy"}), errors.Unavailable),
    ("200 not found as a state", reply(200, {"code": 0, "data": {"status": "not_found"}}), errors.TaskNotFound),
    ("200 not found", reply(200, {"code": 404, "msg": "no"}), errors.TaskNotFound),
    ("408", reply(408), errors.Unavailable),
    ("425", reply(425), errors.Unavailable),
    ("429", reply(429, body=b""), errors.RateLimited),
    ("500", reply(500, NOT_EXIST), errors.Unavailable),
    ("502 html", reply(502, body=HTML, kind="text/html"), errors.Unavailable),
    ("503 gzip", reply(503, body=b"\x1f\x8b", content_encoding="gzip"), errors.Unavailable),
    ("504", reply(504), errors.Unavailable),
    ("520", reply(520), errors.Unavailable),
]


@pytest.mark.parametrize(("handler", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_it_raises_the_one_error(handler: Handler, kind: type[errors.UpstreamError]) -> None:
    async with asking(handler) as client:
        with pytest.raises(errors.UpstreamError) as caught:
            await client.retrieve("t1", KEY)
    assert type(caught.value) is kind
    assert caught.value.message


async def test_it_reads_past_a_byte_order_mark() -> None:
    async with asking(reply(200, body=b'\xef\xbb\xbf{"status": "queued"}')) as client:
        assert (await client.retrieve("t1", KEY)).answer.status == "queued"


@pytest.mark.parametrize(("status", "code"), [(401, 401), (403, 403)])
async def test_it_tells_which_refusal(status: int, code: int) -> None:
    async with asking(reply(status)) as client:
        with pytest.raises(errors.KeyRefused) as caught:
            await client.retrieve("t1", KEY)
    assert caught.value.status == code


@pytest.mark.parametrize(("status", "kind"), [(429, errors.RateLimited), (503, errors.Unavailable)])
async def test_it_passes_on_how_long_to_wait(status: int, kind: type[errors.RateLimited | errors.Unavailable]) -> None:
    async with asking(reply(status, retry_after="7")) as client:
        with pytest.raises(kind) as caught:
            await client.retrieve("t1", KEY)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_it_keeps_no_key(status: int) -> None:
    text = {"error": f"no such key {KEY.reveal()}", "status": "failed", "message": KEY.reveal(), "format": KEY.reveal()}
    async with asking(reply(status, text)) as client:
        try:
            kept = repr(await client.retrieve("t1", KEY))
        except errors.UpstreamError as error:
            kept = f"{error!r} {error.message} {error.raw}"
    assert "CANARY" not in kept
    assert "sk-…wxyz" in kept


async def test_it_keeps_no_half_of_a_key_at_the_edge() -> None:
    body = b"x" * 63_990 + KEY.reveal().encode() + b"x" * 100
    async with asking(reply(500, body=body)) as client:
        with pytest.raises(errors.Unavailable) as caught:
            await client.retrieve("t1", KEY)
    assert caught.value.raw is not None
    assert "sk-C" not in caught.value.raw.body
    assert len(caught.value.raw.body.encode()) <= 64_000


async def test_it_shows_no_half_of_a_key_in_a_long_message() -> None:
    message = "x" * (2_001 - len(KEY.reveal())) + KEY.reveal()
    async with asking(reply(200, {"status": "failed", "error": {"message": message}})) as client:
        found = await client.retrieve("t1", KEY)
    assert "CANARY" not in found.answer.error_message


async def test_it_keeps_no_key_that_is_spelt_with_escapes() -> None:
    spelt = "".join(f"\\u{ord(sign):04x}" for sign in KEY.reveal())
    async with asking(reply(200, body=f'{{"status": "queued", "you": "Bearer {spelt}"}}'.encode())) as client:
        found = await client.retrieve("t1", KEY)
    assert json.loads(found.raw.body)["you"] == "Bearer sk-…wxyz"


async def test_it_keeps_text_that_any_database_takes() -> None:
    async with asking(reply(200, body=b'{"a": "\xff\x00\\ud800"}')) as client:
        with pytest.raises(errors.InvalidResponse) as caught:
            await client.retrieve("t1", KEY)
    assert caught.value.raw is not None
    assert caught.value.raw.body == '{"a": "\ufffd\ufffd\\ud800"}'


async def test_it_asks_plainly() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=QUEUED, headers={"set-cookie": "a=b"})

    async with asking(handler) as client:
        await client.retrieve("t1", KEY)
        await client.retrieve("t1", KEY)
    assert str(seen[0].url) == f"{BASE}/v1/video/generations/t1"
    assert seen[0].headers["authorization"] == f"Bearer {KEY.reveal()}"
    assert seen[0].headers["accept-encoding"] == "identity"
    assert "cookie" not in seen[1].headers


async def test_it_keeps_an_id_in_one_segment() -> None:
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"status": "queued"})

    async with asking(handler) as client:
        await client.retrieve("video_a/../b+c=?#%2F", KEY)
    assert seen == [b"/v1/video/generations/video_a%2F..%2Fb%2Bc%3D%3F%23%252F"]


@pytest.mark.parametrize("missing", [404, 405])
async def test_it_remembers_the_route_that_works(missing: int) -> None:
    paths: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        known = request.url.path.startswith("/v1/videos/")
        return httpx.Response(200, json=QUEUED) if known else httpx.Response(missing, json={"detail": "Not Found"})

    async with asking(handler) as client:
        await client.retrieve("t1", KEY)
        await client.retrieve("t1", KEY)
    assert paths == ["/v1/video/generations/t1", "/v1/videos/t1", "/v1/videos/t1"]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (reply(404, NOT_EXIST), reply(500), errors.Unavailable),
        (reply(404, NOT_EXIST), reply(429), errors.RateLimited),
        (reply(404, NOT_EXIST), reply(403), errors.TaskNotFound),
        (reply(404, NOT_EXIST), reply(200, body=HTML, kind="text/html"), errors.TaskNotFound),
        (reply(404, NOT_EXIST), reply(405), errors.TaskNotFound),
        (reply(405), reply(404, NOT_EXIST), errors.TaskNotFound),
        (reply(404, body=HTML), reply(404, NOT_EXIST), errors.TaskNotFound),
        (reply(404, body=b"404 page not found"), reply(401), errors.KeyRefused),
        (reply(405), reply(404, body=HTML), errors.Misconfigured),
    ],
)
async def test_it_weighs_two_routes(first: Handler, second: Handler, kind: type[errors.UpstreamError]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return (second if request.url.path.startswith("/v1/videos/") else first)(request)

    async with asking(handler) as client:
        with pytest.raises(errors.UpstreamError) as caught:
            await client.retrieve("t1", KEY)
    assert type(caught.value) is kind


async def test_it_follows_within_the_origin_with_the_key() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/"):
            assert "authorization" in request.headers
            return httpx.Response(200, json=QUEUED)
        return httpx.Response(308, headers={"location": request.url.path + "/"})

    async with asking(handler) as client:
        assert (await client.retrieve("t1", KEY)).answer.status == "queued"


@pytest.mark.parametrize("location", ["https://other.example/", "https://gateway.example:8443/", "//other.example/"])
async def test_it_takes_the_key_nowhere_else(location: str) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.netloc.decode())
        return httpx.Response(307, headers={"location": location})

    async with asking(handler) as client:
        for call in (client.retrieve("t1", KEY), client.create({}, KEY), client.check(KEY)):
            with pytest.raises(errors.Misconfigured):
                await call
    assert asked == ["gateway.example"] * 3


async def test_it_is_unavailable_without_a_server() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with asking(handler) as client:
        with pytest.raises(errors.Unavailable):
            await client.retrieve("t1", KEY)
