"""Places where a test may have the program die, wait or fail: FAILPOINT=<name>:<kill|sleep|raise>.

Only settings made for tests have a FAILPOINT; without it every place is passed by.
"""

import os
import signal
import time

from django.conf import settings

NAP = 3.0  # seconds


class Broken(Exception):
    """Raised on purpose."""


def hit(name: str) -> None:
    armed, _, act = getattr(settings, "FAILPOINT", "").partition(":")
    if name != armed:
        return
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "sleep":
        time.sleep(NAP)
    else:
        raise Broken(name)
