"""Task ids as people paste them: lists of any shape, and addresses that hold one. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dashboard.upstream.client import valid_task_id
from dashboard.upstream.credentials import REMOVED

MOST_IDS = 200
# An id may hold / + = and more, so only blanks and list punctuation part them.
SEPARATORS = re.compile(r"[\s,;]+")
WRAPPING = "\"'`[](){}<>"
COMMAND = re.compile(r"\s*curl(?:\.exe)?\s", re.IGNORECASE)
# What counts as an id among the words of a command, where most pieces are none.
PLAIN_ID = re.compile(r"(?=[^0-9]{0,512}[0-9])[A-Za-z0-9_][A-Za-z0-9_+/=-]{7,511}")
IN_ADDRESS = re.compile(r"/v1/(?:video/generations|videos)/([^/]+)")


@dataclass(frozen=True, slots=True)
class PastedId:
    """One piece of what was pasted: an id, or `problem` that says why it is none."""

    text: str
    task_id: str = ""
    problem: str = ""


def parse_pasted(text: str) -> list[PastedId]:
    """Every piece once, in the order given. Where keys were removed, what is left of them is passed over."""
    is_command = COMMAND.match(text) is not None or REMOVED in text
    pieces = (piece.strip(WRAPPING) for piece in SEPARATORS.split(text))
    read = (_read(piece, is_command) for piece in pieces if piece and (REMOVED not in piece or _is_address(piece)))
    found = {one.task_id or one.text: one for one in read}
    return list(found.values())


def _read(piece: str, is_command: bool) -> PastedId:
    if is_command and not _is_address(piece) and not PLAIN_ID.fullmatch(piece):
        return PastedId(piece, problem="was left out: it is part of a command, not a task id.")
    try:
        return PastedId(piece, task_id=valid_task_id(_from_address(piece)))
    except ValueError as error:
        return PastedId(piece, problem=str(error))


def _is_address(piece: str) -> bool:
    return piece.lower().startswith(("http://", "https://"))


def _from_address(piece: str) -> str:
    if not _is_address(piece):
        return piece
    found = IN_ADDRESS.search(urlsplit(piece).path)
    if found is None:
        raise ValueError("This address holds no task id. One that does ends in /v1/video/generations/<id>.")
    return unquote(found.group(1))
