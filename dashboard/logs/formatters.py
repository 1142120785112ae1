"""The two log formats. Every handler uses one of them, so that everything is masked."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from logging import LogRecord
from numbers import Number
from typing import Final
from uuid import UUID

from dashboard.logs import masking
from dashboard.logs.context import request_id
from dashboard.logs.masking import Structural

MESSAGE: Final = 4_000  # characters of a message without arguments
TRACE: Final = 200  # lines of a traceback
_HARMLESS: Final = (Number, UUID, date, type(None))


class _MaskingFormatter(logging.Formatter):
    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are the installation's own secrets, which are always masked."""
        super().__init__()
        masking.protect(*secrets)

    def trace(self, record: LogRecord) -> list[str]:
        """Returns the masked lines of the traceback and the stack, if any."""
        parts = []
        if record.exc_info and record.exc_info[0] is not None:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        if not parts:
            return []
        lines = [masking.excerpt(line) for line in _bounded("\n".join(parts).splitlines())]
        # Masks again, for secrets that span several lines.
        return masking.shapes_masked("\n".join(lines)).splitlines()


def _bounded(lines: list[str]) -> list[str]:
    """Shortens a long traceback to its beginning and end."""
    if len(lines) <= TRACE:
        return lines
    return [*lines[: TRACE // 4], "[...]", *lines[-TRACE * 3 // 4 :]]


def _message(record: LogRecord) -> str:
    if not record.args:
        return masking.excerpt(str(record.msg), MESSAGE)
    path = getattr(getattr(record, "request", None), "path", None)
    if isinstance(record.args, Mapping):
        named = {name: _argument(value, path) for name, value in record.args.items()}
        return masking.shapes_masked(str(record.msg) % named)
    return masking.shapes_masked(str(record.msg) % tuple(_argument(value, path) for value in record.args))


def _argument(value: object, path: str | None) -> object:
    """Returns the log argument, shortened and masked."""
    if isinstance(value, str):
        return masking.excerpt(Structural(value) if value == path else value)
    return value if isinstance(value, _HARMLESS) else _Excerpt(value)


class _Excerpt:
    """Wraps other objects in log arguments, such as an exception or a list."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return masking.excerpt(str(self._value))

    def __repr__(self) -> str:
        return masking.excerpt(repr(self._value))


def _fields(record: LogRecord) -> dict[str, object]:
    """Returns the record's fields from `extra={"fields": ...}`, plus the request ID."""
    given = getattr(record, "fields", {})
    found = {name: _field(value) for name, value in given.items()}
    return {**found, "request_id": request_id.get()} if request_id.get() else found


def _field(value: object) -> object:
    if isinstance(value, str):
        return masking.excerpt(value)
    return value if isinstance(value, _HARMLESS) else masking.excerpt(str(value))


def _at(record: LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TextFormatter(_MaskingFormatter):
    """Text for people. Tracebacks are indented below their line, so that they can't be mistaken for other records."""

    def format(self, record: LogRecord) -> str:
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items() if value is not None)
        line = masking.escape_control_characters(
            f"{_at(record)} {record.levelname} {record.name}: {_message(record)}{fields}"
        )
        return "\n    ".join([line, *(masking.escape_control_characters(traced) for traced in self.trace(record))])


class JsonFormatter(_MaskingFormatter):
    """JSON for programs: one object per line, in ASCII."""

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
