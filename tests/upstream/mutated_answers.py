"""Known answers, changed at random: keys removed, duplicated or respelled, values of other types, new nesting."""

import copy
from random import Random
from typing import Any

from tests.upstream.field_answers import cases

JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        10**30,
        1e308,
        float("nan"),
        "",
        " ",
        "0",
        "null",
        "{}",
        "[",
        '{"a": [',
        "\x00",
        "\ud800",
    ),
    *("x" * 300, [], {}, [[]], [{}], {"": ""}, ["T"], {"message": {"message": "no"}}, "https://", "//", "a.b/c", "T"),
)
NESTS = ("data", "task", "output", "response", "result", "video", "error", "metadata", "detail", "items", "x")
DOCUMENTS = [document for _, document, _ in cases()]


def mutated(random: Random) -> Any:
    """Returns a document with one to four changes."""
    document = copy.deepcopy(random.choice(DOCUMENTS))
    for _ in range(random.randint(1, 4)):
        document = _changed(document, random)
    return document


def _changed(document: Any, random: Random) -> Any:
    if not isinstance(document, dict) or not document or random.random() < 0.15:
        return random.choice(
            ({random.choice(NESTS): document}, [document], document, {"status": "success", "data": document})
        )
    name = random.choice(list(document))
    act = random.randrange(6)
    if act == 0:
        del document[name]
    elif act == 1:
        document[name] = copy.deepcopy(random.choice(JUNK))  # otherwise, one change would affect all later documents
    elif act == 2:
        document[random.choice((name.upper(), f"_{name}", name.title()))] = document.pop(name)
    elif act == 3:
        document[random.choice(NESTS)] = random.choice((copy.deepcopy(document), [copy.deepcopy(document)]))
    elif act == 4:
        document[name] = _changed(document[name], random)
    else:
        document[random.choice(("status", "state", "code", "id", "url", name))] = document[name]
    return document


def without_states(value: Any) -> Any:
    """Returns the same value without anything that could be a state."""
    if isinstance(value, list):
        return [without_states(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: without_states(item) for name, item in value.items() if not _may_be_state(name)}


def _may_be_state(name: str) -> bool:
    return any(part in name.lower() for part in ("stat", "done", "successflag"))
