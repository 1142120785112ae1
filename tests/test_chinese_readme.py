"""The Chinese README has the same sections, commands, settings and links as the English one."""

import re

import pytest

from tests.support.processes import ROOT

ENGLISH, CHINESE = ((ROOT / name).read_text() for name in ("README.md", "README.zh-Hans.md"))
LANGUAGES = {"README.md", "README.zh-Hans.md"}


def targets(text: str) -> list[str]:
    return [target for target in re.findall(r"\]\(([^)]*)\)", text) if target not in LANGUAGES]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"^#+ ", id="sections"),
        pytest.param(r"^```sh\n.*?\n```", id="commands"),
        pytest.param(r"^\| `[^`]*` \|", id="settings and commands of tables"),
        pytest.param(r"^\*\*|^- \*\*", id="points"),
    ],
)
def test_it_has_the_same(pattern: str) -> None:
    found = [re.findall(pattern, text, re.MULTILINE | re.DOTALL) for text in (ENGLISH, CHINESE)]
    assert found[0] == found[1]
    assert found[0]


def test_it_names_the_same_code() -> None:
    assert sorted({*re.findall(r"`[^`\n]+`", CHINESE)}) == sorted({*re.findall(r"`[^`\n]+`", ENGLISH)})


def test_it_links_to_the_same() -> None:
    assert sorted(targets(CHINESE)) == sorted(targets(ENGLISH))
