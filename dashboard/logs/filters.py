"""Adjusts log levels by cause. Only our own bugs log a traceback at ERROR, not errors caused by clients or gateways."""

import logging
from logging import LogRecord

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from dashboard.logs.masking import Structural

_CLIENTS_FAULTS = (SuspiciousOperation, BadRequest, MultiPartParserError)


class TransferAborted(Exception):
    """Raised to make the server drop a connection in the middle of a response, after logging the reason."""


class FaultFilter(logging.Filter):
    """Logs errors caused by clients as a one-line warning. Drops records of aborted transfers."""

    def filter(self, record: LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TransferAborted):
            return False
        if isinstance(error, _CLIENTS_FAULTS):
            path = getattr(getattr(record, "request", None), "path", "")
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.msg, record.args = "%s %s: %s", (type(error).__name__, Structural(path), str(error))
            record.exc_info = record.exc_text = None
        return True
