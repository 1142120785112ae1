"""Names: no private vocabulary, no two files with the same name, and files named for their contents."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# No name contains one of these as a word, or as consecutive words (joined by `_`). docs/glossary.md has the terms to
# use.
NEVER = """
    film films adopt adopted insist sight sights bell bells doorbell doorbells give_back dressed
    limited_sessions key_round parked parks parking keep_in_step in_vain settle settled settles settling verdict
    verdicts tally tallies ramp landed asides mend mends mended upkeep task_missing bad_answer unclear
    address_refused led_on trouble borrowed farewell handed_over disown found_again twist twists breakage pose
    poses lettering journal puppet town house victim victims deadly unseen
"""

NEVER_WORD = re.compile(rf"_(?:{'|'.join(NEVER.split())})_")

# Common words that once had a private meaning in a folder; no name there may consist of just this word. `word()`: no
# function; `word.py`: no file.
IN_FOLDER = {
    "": "Bounded Logged Line LimitedSessions Counts Standing Judge Outcome Tally Gate Ramp PollerBeat Slowed Unclear "
    "Opener Door Refusal Room RoomFull Letter Ear Keeper Asked Span Short Long Right Withdrawn Told writing() "
    "at_the_end() signed() dress() ending.py memory.py writing.py door.py keeping.py counting.py playing.py facts.py "
    "parking.py settling.py verdicts.py sights.py picking.py copies.py house.py town.py stage.py gone.py stuck.py "
    "deadly.py shapes.py orders.py beginning.py retrying.py counts.py",
    "dashboard/archive": "keeping seal disown doubt withdraw Lost verdict judge insist",
    "dashboard/content": "playing own facts learn() known() remember() forget() asked span right withdrawn",
    "dashboard/demo": "orders journal beginning Plan told refusal",
    "dashboard/health": "told figures",
    "dashboard/live": "room letter letters beat bye figures told farewell",
    "dashboard/logs": "signed line()",
    "dashboard/notify.py": "bell ring hang",
    "dashboard/polling": "look Look gate room chance plan Plan figures told hold postpone let_go judge loud quiet",
    "dashboard/runtime": "bell ring hang",
    "dashboard/tasks": "word number Request again copies picked picking hold held postpone let_go park outcome told",
    "dashboard/upstream": "word trouble walk removed_from borrowed",
    "dashboard/web": "refusal",
}
# These have their usual English meaning.
ALLOWED = {
    "dashboard/tasks/board.py:Chip.word",
    "dashboard/tasks/forms.py:CreateForm.number",  # the form field's name
    "dashboard/tasks/forms.py:_finite.number",
}
# May occur in several folders, with the same meaning in each.
KINDS = {"__init__", "models", "views", "urls", "forms", "access", "actions", "apps", "rows", "consumers"}
# All of these are nouns; CONTRIBUTING.md explains them.
NOUNS_IN_ING = {"sealing", "sharing", "masking", "keyring"}

Name = tuple[str, str, bool]  # the name, where it is defined, whether it is a function


def python_files() -> list[Path]:
    found = [path for folder in ("dashboard", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def names_in(node: ast.AST, within: str) -> Iterator[Name]:
    """Yields every name that the code defines: functions, classes, arguments, variables, attributes, imports."""
    for child in ast.iter_child_nodes(node):
        inside = within
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                inside = f"{within}.{name}"
                yield name, inside, not isinstance(child, ast.ClassDef)
            case ast.arg(arg=name):
                yield name, f"{within}({name})", False
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, f"{within}.{name}", False
            case ast.alias(asname=str(name)):
                yield name, f"{within}.{name}", False
        yield from names_in(child, inside)


@cache
def private_names() -> set[str]:
    """Returns where they are defined, as `path.py:Class.method(argument)`; a file itself as `path.py`."""
    found = set()
    for path in python_files():
        place = str(path.relative_to(ROOT))
        names = names_in(ast.parse(path.read_text()), "")
        found |= {f"{place}:{name[1].lstrip('.')}" for name in names if is_private(place, name)}
        if is_private(place, (path.name, place, False)):
            found.add(place)
    return found


def words(name: str) -> str:
    """Turns `_PollLimiter` into "_poll_limiter_"."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name.removesuffix(".py"))
    return f"_{spaced.strip('_').lower()}_"


def is_private(place: str, name: Name) -> bool:
    called, _, is_function = name
    if NEVER_WORD.search(words(called)):
        return True
    plain = called.lstrip("_")
    said = {plain, f"{plain}()"} if is_function else {plain}
    return any(place.startswith(folder) and said & set(taboo.split()) for folder, taboo in IN_FOLDER.items())


def test_names_are_ones_that_the_field_has() -> None:
    assert private_names() - ALLOWED == set()


def test_every_exception_is_still_there() -> None:
    """Otherwise it would allow the next use of that name."""
    assert ALLOWED - private_names() == set()


def test_no_two_folders_have_a_file_of_one_name() -> None:
    """Management commands such as `manage.py gateway` are named for what people type."""
    folders = defaultdict(list)
    for path in (ROOT / "dashboard").rglob("*.py"):
        if "commands" not in path.parts:
            folders[path.stem].append(str(path.parent.relative_to(ROOT)))
    assert {name: where for name, where in folders.items() if len(where) > 1 and name not in KINDS} == {}


def test_files_are_named_for_what_they_hold() -> None:
    stems = {path.stem.removeprefix("test_") for path in python_files()}
    assert {stem for stem in stems if stem.endswith("ing")} <= NOUNS_IN_ING


@pytest.mark.parametrize(
    ("place", "source", "found"),
    [
        ("dashboard/live/x.py", "class FilmCopy: pass", "FilmCopy"),
        ("dashboard/live/x.py", "def f(doorbell_url): pass", "f(doorbell_url)"),
        ("dashboard/tasks/x.py", "number = 1", "number"),
        ("dashboard/polling/x.py", "self._look = 1", "_look"),
        ("dashboard/content/x.py", "def known(): pass", "known"),
    ],
)
def test_it_would_find(place: str, source: str, found: str) -> None:
    assert [name[1].lstrip(".") for name in names_in(ast.parse(source), "") if is_private(place, name)] == [found]


@pytest.mark.parametrize("source", ["number_of_tasks = 1", "def f(known): pass", "settlement = 1", "import os"])
def test_it_leaves_the_rest_alone(source: str) -> None:
    assert not any(is_private("dashboard/tasks/x.py", name) for name in names_in(ast.parse(source), ""))
