"""The rules for tags, and parsing them as people type them: separated by commas. Pure."""

from typing import Final

LONGEST: Final = 40  # characters
MOST: Final = 20  # per task


class BadTags(ValueError):
    """The message says what is wrong, and what is allowed."""


def parse_tags(text: str) -> list[str]:
    """Returns the tags in `text`, each once, ignoring case. Raises BadTags."""
    found: dict[str, str] = {}
    for piece in text.replace("\n", ",").split(","):
        name = " ".join(piece.split())
        if len(name) > LONGEST:
            raise BadTags(f"“{name[:LONGEST]}…” is too long. A tag can have up to {LONGEST} characters.")
        if not name.isprintable():
            raise BadTags("A tag can't hold control characters.")
        if name:
            found.setdefault(name.casefold(), name)
    if len(found) > MOST:
        raise BadTags(f"That's {len(found)} tags. A task can have up to {MOST}.")
    return [*found.values()]
