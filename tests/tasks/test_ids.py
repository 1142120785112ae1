"""Task IDs as people paste them."""

import pytest

from dashboard.tasks.pasted_ids import parse_pasted


@pytest.mark.parametrize(
    "text", ["a1 b2", "a1,b2", "a1\nb2", " a1;\t b2 ", '["a1", "b2"]', "a1\r\n\r\nb2,", "a1 b2 a1"]
)
def test_it_parts_ids_at_blanks_and_list_signs(text: str) -> None:
    assert [one.task_id for one in parse_pasted(text)] == ["a1", "b2"]


@pytest.mark.parametrize(
    "address",
    [
        "https://api.amux.ai/v1/video/generations/abc123",
        "https://api.amux.ai/v1/videos/abc123/content",
        "http://127.0.0.1:8100/prefix/v1/videos/abc123?x=1",
    ],
)
def test_it_takes_the_id_out_of_an_address(address: str) -> None:
    assert parse_pasted(address)[0].task_id == "abc123"


def test_it_keeps_the_signs_of_base64() -> None:
    assert parse_pasted("dmlkZW8/+b=")[0].task_id == "dmlkZW8/+b="


def test_it_unquotes_the_id_of_an_address() -> None:
    assert parse_pasted("https://h/v1/videos/a%2Fb%2B")[0].task_id == "a/b+"


@pytest.mark.parametrize("text", ["https://example.com/videos/7", "..", "x" * 513, "a\x00b"])
def test_it_says_what_is_wrong_with_a_piece(text: str) -> None:
    piece = parse_pasted(text)[0]
    assert piece.problem
    assert piece.task_id == ""


ID = "task_0a1B2c3D4e"


@pytest.mark.parametrize(
    "text",
    [
        '{"task_id": "task_0a1B2c3D4e", "status": "queued"}',
        '{"code": "success", "data": {"id": 5, "task_id": "task_0a1B2c3D4e"}}',
        '{"request_id": "r-1", "output": {"task_id": "task_0a1B2c3D4e", "task_status": "PENDING"}}',
        '[{"id": "task_0a1B2c3D4e", "status": "queued"}]',
        'INFO 2026-11-26 10:00:01 created: {"id": "task_0a1B2c3D4e"}',
        "{'task_id': 'task_0a1B2c3D4e', 'status': 'queued'}",
        "2026-11-26T10:00:01Z worker-3 task_id=task_0a1B2c3D4e status=queued",
        "2026-11-26 10:00:01 INFO The task task_0a1B2c3D4e was started for the team",
        "Hi, could you look at task_0a1B2c3D4e please? It hangs.",
        "https://h/api/v3/contents/generations/tasks/task_0a1B2c3D4e",
        "https://h/v1/videos/text2video/task_0a1B2c3D4e",
        "https://h/query?task_id=task_0a1B2c3D4e&x=1",
        "curl https://h/v1/videos/task_0a1B2c3D4e/content -o a.mp4",
        "task_0a1B2c3D4e\t\n",
    ],
)
def test_it_takes_the_id_out_of_what_surrounds_it(text: str) -> None:
    assert [one.task_id for one in parse_pasted(text) if one.task_id] == [ID]


def test_it_takes_the_ids_of_a_column() -> None:
    assert [one.task_id for one in parse_pasted("task_1a\ttask_2b\ntask_3c")] == ["task_1a", "task_2b", "task_3c"]


def ids_of(text: str) -> list[str]:
    return [one.task_id for one in parse_pasted(text) if one.task_id]


@pytest.mark.parametrize(
    "text",
    [
        '{"task_id": "task_1a"}\n{"task_id": "task_2b"}',
        'INFO {"task_id": "task_1a", "n": 1}\nINFO broken {\nINFO {"task_id": "task_2b"}',
        '{"data": [{"task_id": "task_1a"}, {"task_id": "task_2b"}], "has_more": false}',
        '{"object": "list", "data": [{"id": "task_1a", "status": "queued"}, {"id": "task_2b", "status": "queued"}]}',
        '[{"id": "task_1a", "status": "queued"}, {"id": "task_2b", "status": "queued"}]',
    ],
)
def test_it_takes_the_ids_of_every_object(text: str) -> None:
    assert ids_of(text) == ["task_1a", "task_2b"]


def test_it_takes_the_ids_of_a_long_list() -> None:
    listed = ", ".join(f'{{"task_id": "task_{number}"}}' for number in range(100))
    assert len(ids_of(f'{{"data": [{listed}]}}')) == 100


def test_the_videos_of_a_finished_task_are_no_tasks() -> None:
    assert ids_of('{"task_id": "task_1a", "videos": [{"id": "video_1"}, {"id": "video_2"}]}') == ["task_1a"]


@pytest.mark.parametrize("text", ["A red fox", "two cats", "sunset over Paris"])
def test_a_short_phrase_is_no_list_of_ids(text: str) -> None:
    assert [one.task_id for one in parse_pasted(text)] == [""]


@pytest.mark.parametrize(
    "text",
    [
        "A red fox runs through the snow, at dawn.",
        "一只红狐狸在黎明时分跑过雪地",
        "un renard roux court dans la neige en 4 secondes",
    ],
)
def test_prose_is_no_list_of_ids(text: str) -> None:
    (one,) = parse_pasted(text)
    assert (one.task_id, "looks like a prompt" in one.problem) == ("", True)
