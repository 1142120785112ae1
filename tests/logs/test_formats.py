"""Both log formats: complete, on one line, and without secrets."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from dashboard.logs import masking
from dashboard.logs.context import request_id
from dashboard.logs.formatters import JsonFormatter, TextFormatter

FORMS = pytest.mark.parametrize("form", [TextFormatter(), JsonFormatter()], ids=["text", "json"])


def record(
    message: str, *given: object, fields: dict[str, object] | None = None, exc: bool = False
) -> logging.LogRecord:
    made = logging.LogRecord("dashboard.x", logging.INFO, "x.py", 1, message, given, sys.exc_info() if exc else None)
    if fields is not None:
        made.fields = fields
    return made


def raised(message: str) -> logging.LogRecord:
    try:
        raise ValueError(message)
    except ValueError:
        return record("it failed", exc=True)


@pytest.fixture
def in_a_request() -> Iterator[None]:
    token = request_id.set("feedc0de")
    yield
    request_id.reset(token)


def test_it_writes_an_object_for_programs(in_a_request: None) -> None:
    document = json.loads(JsonFormatter().format(record("%s began", "it", fields={"status": 200, "user": None})))
    assert document.pop("time").endswith("Z")
    told = {"level": "INFO", "logger": "dashboard.x", "message": "it began", "request_id": "feedc0de"}
    assert document == {**told, "status": 200, "user": None}


def test_it_writes_a_line_for_people(in_a_request: None) -> None:
    line = TextFormatter().format(record("%s began", "it", fields={"status": 200, "user": None}))
    assert line.endswith(" INFO dashboard.x: it began status=200 request_id=feedc0de")


@FORMS
def test_it_masks_message_arguments_and_fields(form: logging.Formatter) -> None:
    masking.remember_secrets("open-sesame-4711")
    line = form.format(record("key %s", "open-sesame-4711", fields={"path": "/join/abcdefgh"}))
    assert "4711" not in line
    assert "abcdefgh" not in line


@FORMS
def test_it_masks_the_traceback_with_what_the_code_held(form: logging.Formatter) -> None:
    line = form.format(raised("401 for Bearer abcdefghijkl at https://a.example/x?sig=zyxwv"))
    assert "ValueError: 401 for Bearer" in line
    assert "abcdefghijkl" not in line
    assert "zyxwv" not in line


@FORMS
def test_it_masks_the_exception_behind_the_exception(form: logging.Formatter) -> None:
    try:
        try:
            raise KeyError("sk-canary-0123456789")
        except KeyError as error:
            raise RuntimeError("no") from error
    except RuntimeError:
        line = form.format(record("it failed", exc=True))
    assert "KeyError" in line
    assert "canary" not in line


@FORMS
def test_it_keeps_a_forged_line_inside_its_own(form: logging.Formatter) -> None:
    line = form.format(record("label %s", "x\n2026-01-01 CRITICAL root: all is lost\x1b[2J"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_it_puts_a_traceback_on_the_programs_line() -> None:
    line = JsonFormatter().format(raised("one\ntwo"))
    assert len(line.splitlines()) == 1
    assert "Traceback" in json.loads(line)["traceback"]


def test_it_indents_a_traceback_for_people() -> None:
    first, *others = TextFormatter().format(raised("one\n2026-01-01T00:00:00Z CRITICAL root: forged")).splitlines()
    assert "it failed" in first
    assert all(line.startswith("    ") for line in others)


def test_every_handler_has_one_of_the_two() -> None:
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    ours = [logger for logger in loggers if not logger.name.startswith("_pytest")]
    handlers = {
        handler for logger in ours for handler in logger.handlers if not isinstance(handler, logging.NullHandler)
    }
    # pytest adds handlers of its own to loggers that don't propagate.
    assert not {handler for handler in handlers if not type(handler).__module__.startswith("_pytest")}
    streams = [handler for handler in logging.root.handlers if type(handler) is logging.StreamHandler]
    assert [type(handler.formatter) for handler in streams] == [TextFormatter]
