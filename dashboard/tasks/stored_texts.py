"""Texts that are stored in English when something happens, and translated whenever they are shown.

A text with a value is stored with it, and recognized by its template later.
"""

import re
from typing import Final

from django.utils.translation import gettext, gettext_noop

from dashboard.templatetags.display import renumbered
from dashboard.upstream import status_errors

NEW_KEY: Final = gettext_noop("Now uses the key %(key)s")
VIDEO_SAVED: Final = gettext_noop("Video %(number)s was saved.")
VIDEO_DAMAGED: Final = gettext_noop("Video %(number)s: our copy was damaged. It is being fetched again.")
ARCHIVE_FULL: Final = gettext_noop("The archive is full: %(taken)s of %(limit)s bytes are taken.")
DISK_ERROR: Final = gettext_noop("The disk: %(error)s.")
CUT_SHORT: Final = gettext_noop("%(received)s bytes came of a video of %(length)s.")

_PLACEHOLDER: Final = re.compile(r"%\\\((\w+)\\\)s")  # as re.escape leaves it
_TEMPLATES: Final = tuple(
    (re.compile(r"\A" + _PLACEHOLDER.sub(r"(?P<\1>.{0,300})", re.escape(template)), re.DOTALL), template)
    for template in (
        *(NEW_KEY, VIDEO_SAVED, VIDEO_DAMAGED, ARCHIVE_FULL, DISK_ERROR, CUT_SHORT),
        *status_errors.TEMPLATES,
    )
)


def translated(stored: str) -> str:
    """Translates a stored text if it is one of ours. The gateway's words stay as they are."""
    template, values = recognized(stored)
    if values:
        return gettext(template) % {name: renumbered(value) for name, value in values.items()}
    return gettext(stored) if stored else ""


def recognized(stored: str) -> tuple[str, dict[str, str]]:
    """Returns the template that a text was made from, and its values; without a template, the text and no values."""
    for pattern, template in _TEMPLATES:
        if found := pattern.fullmatch(stored):
            return template, found.groupdict()
    return stored, {}
