"""Whether we hold a finished video ourselves, and if not, why. The archive writes it, a task's page tells it."""

from typing import Final

NONE: Final = ""  # the archive has not taken notice
WAITING: Final = "waiting"
TROUBLED: Final = "troubled"  # tried several times; it goes on
FULL: Final = "full"  # there is no room; it goes on
KEPT: Final = "kept"
GONE: Final = "gone"  # given up: the gateway had it no longer
FAILED: Final = "failed"  # given up: it could never be fetched whole

GIVEN_UP: Final = (GONE, FAILED)
PENDING: Final = (NONE, WAITING, TROUBLED, FULL)  # the archive is still going to try

WORDS: Final = {
    WAITING: "Not yet: downloading",
    TROUBLED: "Not yet: retrying the download",
    FULL: "Not yet: storage is full",
    GONE: "No: the gateway no longer had it",
    FAILED: "No: the gateway never delivered it completely",
}
