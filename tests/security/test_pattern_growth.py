"""No external text costs more than in proportion to its length: all regular expressions, and all other parsers."""

import ast
import importlib
import pkgutil
import re
import string
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dashboard
from dashboard.accounts import sessions
from dashboard.content import disposition, ranges
from dashboard.live import sse
from dashboard.logs import masking
from dashboard.tasks import pasted_ids
from dashboard.upstream import answers, http_exchange, known_failures, values
from dashboard.upstream.secret import Secret
from tests.security import growth

ROOT = Path(dashboard.__file__).parent
FOREIGN = "\x00\x1f\x7f\x9f×é世\u2028\u202e\ud800"
SIGNS = [*string.printable, *FOREIGN]
SEPARATORS = "aA0 .-+/:%=@?\\"  # characters that patterns join words with; combined in pairs
# Modules whose patterns only see the beginning of a text, and how many characters of it.
READ_BY = {"dashboard.upstream.known_failures": known_failures.READ}
METHODS = {"search", "match", "fullmatch", "sub", "findall", "finditer", "split"}


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages([str(ROOT)], "dashboard."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def compiled_in(value: object) -> Iterator["re.Pattern[Any]"]:
    """Yields every pattern in a module's variable, also inside of containers."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for item in value.items():
            yield from compiled_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from compiled_in(item)


def uses_of(name: str, source: str) -> set[str]:
    """Returns how a pattern is applied; in every way, unless its module uses it by name."""
    said = set(re.findall(rf"\b{re.escape(name)}\.([a-z]+)\(", source)) & METHODS
    return said or {"search", "fullmatch", "sub"}


def patterns() -> dict[str, tuple["re.Pattern[Any]", set[str]]]:
    everything = "\n".join(path.read_text() for path in ROOT.rglob("*.py"))
    found = {}
    for module in modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(compiled_in(value)):
                found[f"{module.__name__}.{name}[{number}]"] = (pattern, uses_of(name, everything))
    return found


PATTERNS = patterns()


def units(pattern: "re.Pattern[Any]") -> set[str]:
    """Returns the texts to repeat: each character, each pair of joining characters, and the words in the pattern."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    words = set(re.findall(r"[A-Za-z0-9:/_=%. -]{2,20}", source)) | {"http://", "https://a", "Bearer ", "\\u00", "/s/"}
    pairs = {one + other for one in SEPARATORS for other in SEPARATORS}
    return {*SIGNS, *pairs, *words, *(f"{word}a" for word in words), *(f"{word}a." for word in words)}


def applied(pattern: "re.Pattern[Any]", use: str, unit: str, end: str) -> Callable[[int], Callable[[], object]]:
    def sized(size: int) -> Callable[[], object]:
        text: Any = (unit * (size // len(unit) + 1))[:size] + end
        if isinstance(pattern.pattern, bytes):
            text = text.encode("utf-8", "surrogatepass")
        if use == "sub":
            return lambda: pattern.sub(b"" if isinstance(text, bytes) else "", text)
        if use == "finditer":
            return lambda: deque(pattern.finditer(text), maxlen=0)
        return lambda: getattr(pattern, use)(text)

    return sized


def test_it_finds_the_patterns() -> None:
    assert {"dashboard.logs.masking", "dashboard.upstream.values", "dashboard.tasks.pasted_ids"} <= {
        name.rpartition(".")[0] for name in PATTERNS
    }


def test_every_pattern_has_a_name_by_which_it_is_found() -> None:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "re":
                assert node.attr not in METHODS | {"subn"}, f"{path}:{node.lineno}: compile it at the top of the module"


@pytest.mark.alone
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_time_in_proportion_to_the_text(name: str) -> None:
    pattern, uses = PATTERNS[name]
    module = name.rpartition(".")[0]
    for use in uses:
        for unit in units(pattern):
            for end in ("", "\x01"):
                complaint = growth.complaint(applied(pattern, use, unit, end), READ_BY.get(module))
                assert not complaint, f"{use} of {unit!r} again and again, then {end!r}: {complaint}"


KEY = Secret("sk-" + "s" * 400 + "0123456789abcdef/0123456789ABCDEF+")
READERS: dict[str, Callable[[str], object]] = {
    "masked": masking.mask,
    "escaped": masking.escape_control_characters,
    "a key removed": KEY.redact,
    "task ids": pasted_ids.parse_pasted,
    "a range": ranges.parse_range,
    "a content range": ranges.parse_content_range,
    "conditions": lambda text: ranges.decide("GET", {"If-Match": text}, ranges.Version(1, '"a"', None)),
    "a file name": lambda text: disposition.disposition(text, "video/mp4", download=True),
    "a frame": lambda text: sse.frame("task", text, 1),
    "cookies": sessions.session_key_in,
    "a wait": http_exchange.retry_after,
    "a text": values.text,
    "a moment": values.moment,
    "a percentage": values.percent,
    "a size": values.size,
    "an address": values.http_url,
    "an answer": lambda text: answers.parse({"id": text, "status": text, "url": text, "error": {"message": text}}),
}


@pytest.mark.alone
@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_time_in_proportion_to_the_text(name: str) -> None:
    masking.remember_secrets(KEY.reveal())
    key = KEY.reveal()
    for unit in {
        *SIGNS,
        "a+",
        "a.",
        "http://",
        "http://a?",
        "://",
        "/s/",
        "Bearer ",
        "%73",
        "\\u0073",
        "s/",
        key,
        key[:-1],
        key[-30:],
    }:

        def sized(size: int, unit: str = unit) -> Callable[[], object]:
            text = (unit * (size // len(unit) + 1))[:size]
            return lambda: READERS[name](text)

        complaint = growth.complaint(sized)
        assert not complaint, f"{unit!r} again and again: {complaint}"


@pytest.mark.parametrize("module", READ_BY)
def test_only_the_beginning_of_a_text_is_read(module: str) -> None:
    reason = "insufficient balance"
    assert known_failures.sentence("", reason)
    assert known_failures.sentence("", "x" * READ_BY[module] + " " + reason) == ""
    assert known_failures.sentence("x" * READ_BY[module] + "ratelimit", "") == ""
