"""docs/architecture.md is correct: the files that it names exist, and its flows and ranks match the imports."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/architecture.md").read_text()
FOLDERS = "|".join(path.name for path in (ROOT / "dashboard").iterdir() if path.is_dir())
# Files that the document may name before they exist.
PLANNED: set[str] = set()


class Step(NamedTuple):
    module: str
    via: list[str]


def blocks(kind: str, text: str = TEXT) -> list[list[str]]:
    return [found.splitlines() for found in re.findall(rf"^```{kind}\n(.*?)^```", text, re.M | re.S)]


def steps(lines: list[str]) -> list[Step]:
    split = [line.partition(" via ") for line in lines]
    return [Step(line.split()[0], via.split()) for line, _, via in split]


def file_of(module: str) -> Path:
    return ROOT / module if "/" in module else ROOT / "dashboard" / f"{module.replace('.', '/')}.py"


@cache
def imports(module: str) -> frozenset[str]:
    """Returns the dashboard modules and names that it imports, without `dashboard.`."""
    tree = ast.parse(file_of(module).read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named = {f"{node.module}.{alias.name}" for node in found for alias in node.names} | {
        str(node.module) for node in found
    }
    return frozenset(name.removeprefix("dashboard.") for name in named)


def are_connected(one: str, other: str) -> bool:
    if "/" in one or "/" in other:  # modules that communicate over HTTP don't import each other
        return True
    return other in imports(one) or one in imports(other)


def broken_arrows(flow: list[Step]) -> Iterator[str]:
    for above, step in pairwise(flow):
        way = [above.module, *step.via, step.module]
        for one, other in pairwise(way):
            if not are_connected(one, other):
                yield f"{one} -> {other}"


FLOWS = [steps(lines) for lines in blocks("flow")]


def test_it_has_both_flows() -> None:
    assert [flow[0].module for flow in FLOWS] == ["polling.leases", "content.views"]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow[0].module)
def test_each_step_of_a_flow_is_a_file(flow: list[Step]) -> None:
    named = [name for step in flow for name in (step.module, *step.via)]
    assert [name for name in named if not file_of(name).is_file()] == []


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow[0].module)
def test_each_arrow_of_a_flow_is_an_import(flow: list[Step]) -> None:
    assert list(broken_arrows(flow)) == []


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow[0].module)
def test_no_arrow_needs_a_detour_that_it_declares(flow: list[Step]) -> None:
    pairs = pairwise(flow)
    assert [step.module for above, step in pairs if step.via and are_connected(above.module, step.module)] == []


def test_no_arrow_takes_more_than_one_detour() -> None:
    assert [step.module for flow in FLOWS for step in flow if len(step.via) > 1] == []


def test_an_arrow_without_an_import_is_found() -> None:
    assert list(broken_arrows(steps(["live.sse  frames", "keys.health  keys"]))) == ["live.sse -> keys.health"]


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+)`", TEXT)) | set(re.findall(r"`(\w+\.(?:py|toml))`", TEXT))
    named |= {name.replace(".", "/") + ".py" for name in re.findall(rf"`((?:{FOLDERS})\.\w+)`", TEXT)}
    kinds = {"views.py", "urls.py"}  # of any folder
    missing = {name for name in named if not (ROOT / name).exists() and not (ROOT / "dashboard" / name).exists()}
    assert missing - kinds == PLANNED


def test_its_ranks_are_those_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = [
        {name.strip().removeprefix("dashboard.") for name in layer.split("|")} - {"migrations"} for layer in layers
    ]
    (ranks,) = blocks("ranks")
    assert [set(line.split()) for line in ranks] == names[::-1]


def test_it_says_what_every_folder_holds() -> None:
    folders = {path.parent.name for path in (ROOT / "dashboard").glob("*/__init__.py")}
    assert folders - set(re.findall(r"`dashboard/(\w+)`", TEXT)) == {"migrations", "templatetags"}
