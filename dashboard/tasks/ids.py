"""Task ids as people paste them: lists of any shape, and addresses that hold one. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dashboard.upstream.client import valid_task_id

MOST_IDS = 200
# An id may hold / + = and more, so only blanks and list punctuation part them.
SEPARATORS = re.compile(r"[\s,;]+")
WRAPPING = "\"'`[](){}<>"
IN_ADDRESS = re.compile(r"/v1/(?:video/generations|videos)/([^/]+)")


@dataclass(frozen=True, slots=True)
class Pasted:
    """One piece of what was pasted: an id, or `problem` that says why it is none."""

    text: str
    task_id: str = ""
    problem: str = ""


def pasted(text: str) -> list[Pasted]:
    """Every piece once, in the order given."""
    pieces = (piece.strip(WRAPPING) for piece in SEPARATORS.split(text))
    found = {one.task_id or one.text: one for one in (_read(piece) for piece in pieces if piece)}
    return list(found.values())


def _read(piece: str) -> Pasted:
    try:
        return Pasted(piece, task_id=valid_task_id(_from_address(piece)))
    except ValueError as error:
        return Pasted(piece, problem=str(error))


def _from_address(piece: str) -> str:
    if not piece.lower().startswith(("http://", "https://")):
        return piece
    found = IN_ADDRESS.search(urlsplit(piece).path)
    if found is None:
        raise ValueError("This address holds no task id. One that does ends in /v1/video/generations/<id>.")
    return unquote(found.group(1))
