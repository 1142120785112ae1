"""The two forms of a line. Every handler has one of them, so that nothing is written that they have not seen."""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from logging import LogRecord

from dashboard.logs import masking
from dashboard.logs.current import request_id


class _Masking(logging.Formatter):
    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: texts that are masked from the start on."""
        super().__init__()
        masking.remember(*secrets)

    def trace(self, record: LogRecord) -> list[str]:
        """The lines of the traceback and of the stack, masked; most records have none."""
        parts = []
        if record.exc_info and record.exc_info[0] is not None:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return masking.masked("\n".join(parts)).splitlines()


def _message(record: LogRecord) -> str:
    return masking.masked(record.getMessage())


def _fields(record: LogRecord) -> dict[str, object]:
    """What a line was given as `extra={"fields": ...}`, and the request's id, which is the same for all its lines."""
    given = getattr(record, "fields", {})
    found = {name: masking.masked(value) if isinstance(value, str) else value for name, value in given.items()}
    return {**found, "request_id": request_id.get()} if request_id.get() else found


def _at(record: LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Text(_Masking):
    """For people. A traceback follows its line, indented, so that none of its lines can pass for another event."""

    def format(self, record: LogRecord) -> str:
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items() if value is not None)
        line = masking.escaped(f"{_at(record)} {record.levelname} {record.name}: {_message(record)}{fields}")
        return "\n    ".join([line, *(masking.escaped(traced) for traced in self.trace(record))])


class Json(_Masking):
    """For programs: one object, on one line, in ASCII."""

    def format(self, record: LogRecord) -> str:
        document = {
            "time": _at(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_fields(record),
        }
        traced = self.trace(record)
        if traced:
            document["traceback"] = "\n".join(traced)
        return json.dumps(document, default=str)
