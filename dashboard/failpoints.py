"""Places where a test can kill, pause or fail the process: FAILPOINT=<name>:<kill|sleep|raise>[:<n>].

With n, only the nth pass triggers. Only test settings have a FAILPOINT; without it, failpoints do nothing.

    a poll        before_claim after_claim before_request headers_in body_in answered before_commit inside_commit
                  before_notification after_commit during_notification
    a submission  intent_written headers_in body_in submit_answered inside_commit
    a video        archive_temp_half archive_before_rename archive_after_rename
"""

import os
import signal
import time

from django.conf import settings

NAP = 3.0  # seconds

_passes: dict[str, int] = {}


class Broken(Exception):
    """Raised on purpose."""


def hit(name: str) -> None:
    failpoint = getattr(settings, "FAILPOINT", "")
    if failpoint:
        armed, _, act = failpoint.partition(":")
        if name == armed:
            _act(failpoint, *act.partition(":")[::2])


def _act(failpoint: str, act: str, number: str) -> None:
    _passes[failpoint] = _passes.get(failpoint, 0) + 1
    if number and _passes[failpoint] != int(number):
        return
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "sleep":
        time.sleep(NAP)
    else:
        raise Broken(failpoint)
