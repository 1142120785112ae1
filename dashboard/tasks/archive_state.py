"""Whether we have a copy of a finished video, and if not, why. Set by the archive, shown on the task's page."""

from typing import Final

from django.utils.translation import gettext_noop

NONE: Final = ""  # the archive hasn't picked it up yet
WAITING: Final = "waiting"
TROUBLED: Final = "troubled"  # several tries failed; the archive keeps trying
FULL: Final = "full"  # storage is full; the archive keeps trying
KEPT: Final = "kept"
GONE: Final = "gone"  # given up: the gateway no longer had it
FAILED: Final = "failed"  # given up: it could never be downloaded completely

GIVEN_UP: Final = (GONE, FAILED)
PENDING: Final = (NONE, WAITING, TROUBLED, FULL)  # the archive will still try

WORDS: Final = {
    WAITING: gettext_noop("Not yet: downloading"),
    TROUBLED: gettext_noop("Not yet: retrying the download"),
    FULL: gettext_noop("Not yet: storage is full"),
    GONE: gettext_noop("No: the gateway no longer had it"),
    FAILED: gettext_noop("No: the gateway never delivered it completely"),
}
