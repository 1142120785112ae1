"""The known answers of gateways, over a real socket; and every row of the tables is needed."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import dashboard.upstream
from dashboard.upstream import answer_tables, answers, errors
from dashboard.upstream.answer_tables import Row
from dashboard.upstream.answers import Answer
from tests.upstream.conftest import RealClient
from tests.upstream.field_answers import cases
from tests.upstream.gateways import KEY
from tests.upstream.servers import answer, replying, serving

CASES = cases()
BASE = "http://gateway.example:81/v1"
READERS = ("answer_tables", "json_objects", "task_objects", "video_urls", "failure_reasons", "task_usage", "answers")
GUIDE = Path(__file__).resolve().parents[2] / "docs/gateways.md"
ROWS = [(table, row) for table, rows in answer_tables.TABLES.items() for row in rows]


def read(found: Answer, name: str) -> object:
    urls = found.video_urls
    special = {"url": urls[0] if urls else None, "urls": urls, "count": len(urls), "error": found.error_message}
    return special[name] if name in special else getattr(found, name)


def reads_rightly(parse: Callable[..., Answer], document: Any, expected: dict[str, Any]) -> bool:
    try:
        found = parse(document, asked_for="T", base_url=BASE)
    except errors.InvalidResponse:
        return False
    return {name: read(found, name) for name in expected} == expected


@pytest.mark.parametrize(("document", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_it_is_read(real_client: RealClient, document: Any, expected: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    async with (
        serving(replying(answer(body=body, content_type="application/json"))) as server,
        real_client(server.base) as client,
    ):
        try:
            found = (await client.retrieve("T", KEY)).answer
        except errors.NoStatus:
            assert expected == {"status": None}
            return
    relative = {name: str(value).replace("gateway.example:81", server.base[7:]) for name, value in expected.items()}
    assert {name: str(read(found, name)) for name in expected} == relative


@contextmanager
def readers_without(row: Row) -> Iterator[Callable[..., Answer]]:
    """The parser as it would be without this row in its tables."""
    names = [f"dashboard.upstream.{name}" for name in READERS]
    saved = {name: sys.modules.pop(name) for name in names}
    for name in READERS:
        delattr(dashboard.upstream, name)
    try:
        tables: Any = importlib.import_module("dashboard.upstream.answer_tables")
        for name, value in vars(tables).copy().items():
            if isinstance(value, tuple):
                setattr(tables, name, tuple(one for one in value if repr(one) != repr(row)))
        yield importlib.import_module("dashboard.upstream.answers").parse
    finally:
        sys.modules.update(saved)
        for name, module in saved.items():
            setattr(dashboard.upstream, name.rpartition(".")[2], module)


@pytest.mark.parametrize(("table", "row"), ROWS, ids=[f"{table}: {row.name}" for table, row in ROWS])
def test_no_row_is_there_for_nothing(table: str, row: Row) -> None:
    with readers_without(row) as parse:
        assert not all(reads_rightly(parse, document, expected) for _, document, expected in CASES)


def test_all_is_as_it_was_afterwards() -> None:
    assert sys.modules["dashboard.upstream.answers"] is answers is dashboard.upstream.answers
    assert all(reads_rightly(answers.parse, document, expected) for _, document, expected in CASES)


def test_the_guide_shows_the_tables() -> None:
    text = GUIDE.read_text()
    for table, rows in answer_tables.TABLES.items():
        section = text.partition(f"## {table}\n")[2].partition("\n## ")[0]
        assert [line for line in section.splitlines() if line.startswith("| ")][2:] == guide_lines(rows), table


def guide_lines(rows: tuple[Row, ...]) -> list[str]:
    return [f"| `{row.name}` | {row.means or '-'} | {row.dialects} |" for row in rows]
