"""Answers that members of teams have reported, over a real socket: to polls of a task, and to creations."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.upstream import errors
from dashboard.upstream.secret import Secret
from tests.upstream.conftest import RealClient
from tests.upstream.servers import answer, replying, serving

KEY = Secret("sk-test-0000000000000000000000000001")
FOLDER = Path(__file__).parent / "reported"


def cases(file: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in json.loads((FOLDER / file).read_text())]


def response(told: dict[str, Any], task_id: str = "task_1") -> bytes:
    text = json.dumps(told["json"], ensure_ascii=False) if "json" in told else told["text"]
    fields = {name.replace("-", "_"): value for name, value in told["headers"].items()}
    return answer(f"{told['status']} -", text.replace("TID", task_id).encode(), **fields)


@pytest.mark.parametrize("case", cases("answers.json"))
async def test_each_poll_is_read(real_client: RealClient, case: dict[str, Any]) -> None:
    for poll in case["polls"]:
        async with serving(replying(response(poll["answer"]))) as server, real_client(server.base) as client:
            assert await outcome(client.retrieve("task_1", KEY)) == poll["expected"]


@pytest.mark.parametrize("case", cases("creates.json"))
async def test_each_creation_is_understood(real_client: RealClient, case: dict[str, Any]) -> None:
    async with serving(replying(response(case["answer"]))) as server, real_client(server.base) as client:
        found = await outcome(client.create({"model": "m", "prompt": "A sea"}, KEY), of_creation=True)
    assert found == case["expected"]


async def outcome(asking: Any, *, of_creation: bool = False) -> dict[str, Any]:
    """Returns the result in the format of the files."""
    try:
        found = (await asking).answer
    except errors.UpstreamError as error:
        return {"error": type(error).__name__, "reason": error.message}
    if of_creation:
        return {"task_id": found.task_id}
    read = {"status": found.status, "video_urls": [*found.video_urls], "reason": found.error_message}
    return {name: value for name, value in read.items() if value or name == "status"}
