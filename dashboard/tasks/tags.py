"""The rules for tags, and parsing them as people type them: separated by commas. Pure."""

import re
from typing import Final

from django.utils.translation import gettext, ngettext

LONGEST: Final = 40  # characters
MOST: Final = 20  # per task
_SEPARATORS: Final = re.compile("[,，、\\n]")  # also the commas that Chinese keyboards type


class BadTags(ValueError):
    """The message says what is wrong, and what is allowed, in the active language."""


def parse_tags(text: str) -> list[str]:
    """Returns the tags in `text`, each once, ignoring case. Raises BadTags."""
    found: dict[str, str] = {}
    for piece in _SEPARATORS.split(text):
        name = " ".join(piece.split())
        if len(name) > LONGEST:
            text = gettext("“%(tag)s…” is too long. A tag can have up to %(most)s characters.")
            raise BadTags(text % {"tag": name[:LONGEST], "most": LONGEST})
        if not name.isprintable():
            raise BadTags(gettext("A tag can't hold control characters."))
        if name:
            found.setdefault(name.casefold(), name)
    if len(found) > MOST:
        text = ngettext(
            "That's %(count)s tag. A task can have up to %(most)s.",
            "That's %(count)s tags. A task can have up to %(most)s.",
            len(found),
        )
        raise BadTags(text % {"count": len(found), "most": MOST})
    return [*found.values()]
