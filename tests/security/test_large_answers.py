"""A gateway that sends two megabytes designed to slow down the search for the key: other requests continue."""

import asyncio
import time

import pytest

from dashboard.upstream import errors
from dashboard.upstream.secret import Secret
from tests.upstream.gateways import asking, reply

LIMIT = 2_000_000
KEY = Secret("s" * 500 + "x")
SPELT = "s" * 500 + "%78"  # decoded, it is the key, so the text must be searched for it


@pytest.mark.alone
@pytest.mark.parametrize("unit", ["s", "%73", "\\u0073", "\\/"])
async def test_it_is_searched_in_good_time_and_beside_the_loop(unit: str) -> None:
    body = unit * ((LIMIT - len(SPELT)) // len(unit)) + SPELT
    begun, spent_here = time.process_time(), time.thread_time()
    async with asking(reply(200, body=body.encode())) as client:
        with pytest.raises(errors.InvalidResponse):
            await client.retrieve("t1", KEY)
    assert time.thread_time() - spent_here < 0.25
    assert time.process_time() - begun < 8


async def test_the_loop_goes_on_meanwhile() -> None:
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(turning())
    async with asking(reply(200, body=("%73" * 600_000 + SPELT).encode())) as client:
        with pytest.raises(errors.InvalidResponse):
            await client.retrieve("t1", KEY)
    beside.cancel()
    assert turns > 10


def test_the_text_of_an_escaped_key_keeps_its_surroundings() -> None:
    text = Secret("abcdefgh/12345678").redact('{"a": "%41\\/b", "k": "abcdefgh\\/1234567%38", "z": "\\u0041"}')
    assert text == '{"a": "%41\\/b", "k": "…5678", "z": "\\u0041"}'
