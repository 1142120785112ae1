"""Testing a key costs nothing: it polls a task that doesn't exist."""

import pytest

from dashboard.upstream import errors
from tests.upstream.gateways import KEY, Handler, asking, reply


@pytest.mark.parametrize(
    "handler",
    [
        reply(404, {"error": {"code": "task_not_found"}}),
        reply(400, {"code": "task_not_exist", "data": None}),
        reply(400, {"error": {"message": "malformed id"}}),
        reply(422, {"detail": "malformed id"}),
        reply(200, {"status": "unknown"}),
    ],
)
async def test_a_key_works(handler: Handler) -> None:
    async with asking(handler) as client:
        await client.check(KEY)


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (reply(401), errors.KeyRefused),
        (reply(403), errors.KeyRefused),
        (reply(200, {"code": 401, "msg": "no"}), errors.KeyRefused),
        (reply(200, {"code": 10004, "data": {}, "success": True}), errors.NoStatus),
        (reply(403, body=b"<html>", kind="text/html"), errors.Unavailable),
        (reply(429), errors.RateLimited),
        (reply(502), errors.Unavailable),
        (reply(200, body=b"<html>", kind="text/html"), errors.Misconfigured),
        (reply(200, body=b"{"), errors.InvalidResponse),
        (reply(200, {"task_id": "another", "status": "queued"}), errors.InvalidResponse),
    ],
)
async def test_it_does_not_know_that_a_key_works(handler: Handler, kind: type[errors.UpstreamError]) -> None:
    async with asking(handler) as client:
        with pytest.raises(kind):
            await client.check(KEY)
