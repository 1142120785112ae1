"""Each dialect describes the same task in its own format."""

import random

import pytest

from dashboard.demo import dialects, identifiers, options, tasks
from dashboard.demo.dialects import Json, View
from dashboard.demo.tasks import Task

FACTS: Json = {"duration": 5.0, "fps": 24, "width": 1280, "height": 720, "seed": 7}
URL = "http://files/x.mp4"


def tell(model: str, status: str, *, videos_path: bool = True, row: int = 3) -> Json:
    parsed, now = options.parse(model), 1_700_000_000.0
    steps = tasks.history(now - 60, 5.0, 20.0, status)
    task = Task("the-id", row, "alice", parsed, "a cat", "short", {}, dialects.FAILURES[0], steps, FACTS)
    return dialects.tell(View(task, now, URL if status == "completed" else None), videos_path=videos_path)


def data(document: Json) -> Json:
    found = document["data"]
    assert isinstance(found, dict)
    return found


def test_it_speaks_the_documented_form_to_the_letter() -> None:
    assert tell("amux", "queued") == {"task_id": "the-id", "status": "queued"}
    assert tell("amux", "completed") == {
        "task_id": "the-id",
        "status": "completed",
        "url": URL,
        "format": "mp4",
        "metadata": FACTS,
    }
    failure = {"code": 50001, "message": "Upstream model rejected the prompt due to content policy."}
    assert tell("amux", "failed") == {"task_id": "the-id", "status": "failed", "error": failure}


def test_it_wraps_new_api_on_the_older_path_only() -> None:
    wrapped = tell("new-api-wrapped", "completed", videos_path=False)
    assert wrapped["code"] == "success"
    assert [data(wrapped)[key] for key in ("id", "task_id", "status", "progress", "result_url")] == [
        3,
        "the-id",
        "SUCCESS",
        "100%",
        URL,
    ]
    assert tell("new-api-wrapped", "completed")["status"] == "completed"


def test_it_keeps_the_url_where_old_rows_do() -> None:
    row = data(tell("new-api-wrapped+oldrow", "completed", videos_path=False))
    assert (row["fail_reason"], row["result_url"]) == (URL, "")


def test_it_can_carry_the_failure_text_as_the_url() -> None:
    row = data(tell("new-api-wrapped+failtext", "failed", videos_path=False))
    assert (row["fail_reason"], row["result_url"]) == ("", dialects.FAILURES[0].message)


@pytest.mark.parametrize(
    ("status", "word"),
    [("queued", "queued"), ("in_progress", "processing"), ("completed", "succeeded"), ("failed", "failed")],
)
def test_it_passes_adaptors_words_on(status: str, word: str) -> None:
    assert data(tell("new-api-adaptor", status, videos_path=False))["status"] == word


def test_it_puts_the_url_into_metadata_when_flat() -> None:
    document = tell("new-api-flat", "completed", row=2)
    assert document["metadata"] == {**FACTS, "url": URL}
    assert "task_id" not in document


def test_it_sets_completed_at_even_while_queued() -> None:
    assert tell("new-api-flat", "queued")["completed_at"] == 1_699_999_940


def test_it_counts_in_milliseconds_when_asked() -> None:
    assert tell("new-api-flat+ms", "queued")["created_at"] == 1_699_999_940_000


def test_it_shouts_without_a_url_in_rc30() -> None:
    assert tell("new-api-rc30", "completed") == {
        "task_id": "the-id",
        "status": "SUCCESS",
        "progress": "100%",
        "fail_reason": "",
        "finished_at": 1_699_999_940,
    }


def test_it_gives_no_url_in_openais_form() -> None:
    document = tell("openai-sora", "completed")
    assert (document["id"], document["size"], document["seconds"]) == ("the-id", "1280x720", "5")
    assert "url" not in document


def test_it_tells_expired_and_deleted() -> None:
    assert tell("openai-sora+expired", "completed")["status"] == "expired"
    assert tell("sglang+deleted", "completed")["status"] == "deleted"


def test_it_leaves_progress_null_in_litellm() -> None:
    assert tell("litellm", "queued")["progress"] is None


def test_it_nests_sglangs_errors() -> None:
    assert "detail" in str(tell("sglang", "failed")["error"])


def test_it_makes_litellm_ids_that_need_quoting() -> None:
    made = identifiers.make("litellm", random.Random(5))
    assert all(sign in made for sign in "/+=")


@pytest.mark.parametrize("dialect", ["amux", "new-api-flat", "openai-sora", "litellm", "sglang"])
def test_it_recognises_its_own_ids(dialect: str) -> None:
    assert identifiers.guess(identifiers.make(dialect, random.Random(6))) == dialect
