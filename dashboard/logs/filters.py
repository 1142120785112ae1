"""Log levels by cause: a traceback at ERROR is for our bugs only, not for what clients or gateways cause."""

import logging
from logging import LogRecord

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from dashboard.logs.masking import Structural

_CLIENTS_FAULTS = (SuspiciousOperation, BadRequest, MultiPartParserError)


class TransferAborted(Exception):
    """Makes the server drop a connection in the middle of a response. The raiser has logged the reason."""


class FaultFilter(logging.Filter):
    """Logs a client's fault as one plain line, and nothing about an aborted transfer."""

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
