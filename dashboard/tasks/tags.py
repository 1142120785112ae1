"""What a tag may be, and tags as a person types them: separated by commas. Pure."""

from typing import Final

LONGEST: Final = 40  # characters
MOST: Final = 20  # of a task


class BadTags(ValueError):
    """Its text says what is wrong, and what is allowed."""


def parse_tags(text: str) -> list[str]:
    """The tags in `text`, each once, upper and lower case alike. Raises BadTags."""
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
