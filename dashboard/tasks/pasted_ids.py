"""Parses task IDs as people paste them: lists of any form, URLs, JSON, log lines and commands with an ID. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext, gettext_noop

from dashboard.upstream import created_tasks, json_objects
from dashboard.upstream.client import valid_task_id
from dashboard.upstream.credentials import REMOVED
from dashboard.upstream.error_texts import localized

MOST_IDS = 200
# IDs may contain / + = and more, so only whitespace and list punctuation separate them.
SEPARATORS = re.compile(r"[\s,;]+")
LISTED = re.compile(r"[,;\n]")  # separates the items of a list, but not the words of a phrase
WRAPPING = "\"'`[](){}<>"
COMMAND = re.compile(r"\s*curl(?:\.exe)?\s", re.IGNORECASE)
# What counts as an ID in a command or a text, where most pieces are not IDs.
PLAIN_ID = re.compile(r"(?=[^0-9]{0,512}[0-9])[A-Za-z0-9_][A-Za-z0-9_+/=-]{7,511}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?|[0-9-]{1,11}")
NAMED = re.compile(r"(?:task|video)_?id[\"']?\s{0,5}[:=]\s{0,5}[\"']?([A-Za-z0-9_+/=.-]{4,512})", re.IGNORECASE)
IN_ADDRESS = re.compile(
    r"/(?:v1/video/generations|v1/videos(?:/(?:text|image|multi-image)2video)?|contents/generations/tasks|v1/tasks)/([^/]+)"
)
IN_QUERY = ("task_id", "taskId", "id", "video_id")
WORDS_OF_PROSE = 4  # with at least this many purely alphabetic words, the input is a text, not a list of IDs
PROMPT = gettext_noop("looks like a prompt, not a task ID.")


@dataclass(frozen=True, slots=True)
class PastedId:
    """One piece of the pasted text: an ID, or a `problem` that says why it isn't one. `is_prompt`: it is prose."""

    text: str
    task_id: str = ""
    problem: str = ""
    is_prompt: bool = False


def parse_pasted(text: str) -> list[PastedId]:
    """Returns every piece once, in the given order. Skips the remains of API keys that were removed."""
    named = [*_ids_of_json(text)] or NAMED.findall(text)
    pieces = [_read(piece, in_text=False) for piece in named] if named else [*_pieces(text)]
    found = {one.task_id or one.text: one for one in pieces}
    return list(found.values())


def _pieces(text: str) -> Iterator[PastedId]:
    pieces = [piece.strip(WRAPPING) for piece in SEPARATORS.split(text)]
    pieces = [piece for piece in pieces if piece and (REMOVED not in piece or _is_address(piece))]
    words = sum(map(_is_word, pieces))
    is_phrase = words == len(pieces) > 1 and not LISTED.search(text.strip())
    is_prose = words >= WORDS_OF_PROSE or is_phrase or (len(pieces) == 1 and not text.isascii())
    if not is_prose or COMMAND.match(text):
        in_text = COMMAND.match(text) is not None or REMOVED in text
        yield from (_read(piece, in_text) for piece in pieces)
        return
    ids = [piece for piece in pieces if _is_address(piece) or _is_plain_id(piece)]
    yield from (_read(piece, in_text=False) for piece in ids)
    if not ids:
        yield PastedId(text.strip(), problem=gettext(PROMPT), is_prompt=True)


def _ids_of_json(text: str) -> Iterator[str]:
    for document in json_objects.all_in_text(text) if "{" in text else ():
        for item in document if isinstance(document, list) else [document]:
            if isinstance(item, Mapping):
                yield from _ids_of_object(item)


def _ids_of_object(item: Mapping[str, object]) -> Iterator[str]:
    """Yields the object's own IDs. If the object only lists tasks, yields the IDs of those."""
    lists = [value for value in item.values() if isinstance(value, list)]
    own = created_tasks.created_ids({name: value for name, value in item.items() if value not in lists})
    for entry in [] if own else [entry for entries in lists for entry in entries if isinstance(entry, Mapping)]:
        own += created_tasks.created_ids(entry)
    yield from own or created_tasks.created_ids(item)


def _is_word(piece: str) -> bool:
    return piece.strip(".,!?:;\u3002\uff0c\u2026\u2019'-").replace("'", "").replace("-", "").isalpha()


def _is_plain_id(piece: str) -> bool:
    return PLAIN_ID.fullmatch(piece) is not None and DATE.fullmatch(piece) is None


def _read(piece: str, in_text: bool) -> PastedId:
    if in_text and not _is_address(piece) and not _is_plain_id(piece):
        return PastedId(piece, problem=gettext("was ignored: it's part of a command, not a task ID."))
    try:
        return PastedId(piece, task_id=valid_task_id(_from_address(piece)))
    except ValueError as error:
        return PastedId(piece, problem=localized(str(error)))


def _is_address(piece: str) -> bool:
    return piece.lower().startswith(("http://", "https://"))


def _from_address(piece: str) -> str:
    if not _is_address(piece):
        return piece
    parts = urlsplit(piece)
    if found := IN_ADDRESS.search(parts.path):
        return unquote(found.group(1))
    query = parse_qs(parts.query)
    value = next((query[name][0] for name in IN_QUERY if name in query), None)
    if value is None:
        raise ValueError(gettext_noop("This URL has no task ID. The URL of a task ends in /v1/video/generations/<id>."))
    return value
