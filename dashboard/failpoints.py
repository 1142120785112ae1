"""Places where a test may have the program die, wait or fail: FAILPOINT=<name>:<kill|sleep|raise>.

Only settings made for tests have a FAILPOINT; without it every place is passed by.
"""

import os
import signal
import time
from functools import cache

from django.conf import settings

NAP = 3.0  # seconds


class Broken(Exception):
    """Raised on purpose."""


@cache
def _armed() -> tuple[str, str]:
    name, _, act = getattr(settings, "FAILPOINT", "").partition(":")
    return name, act


def hit(name: str) -> None:
    armed, act = _armed()
    if name != armed:
        return
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "sleep":
        time.sleep(NAP)
    else:
        raise Broken(name)
