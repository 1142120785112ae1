"""All text on the pages goes through gettext, so that a new language needs only a catalog."""

from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.template_literals import literals

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(ROOT / "templates")) for path in TEMPLATES])
def test_no_template_says_anything_by_itself(path: Path) -> None:
    assert [*literals(path.read_text())] == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p title="Hello">{% translate "Hello" %}</p>', ["Hello"]),
        (
            '<p title="{% translate "Hello" %}">{{ name }}: {% blocktranslate %}Hi {{ x }}{% endblocktranslate %}</p>',
            [],
        ),
        ("{% if x %}this{% else %}{{ that }} · 5%{% endif %}", ["this   · 5%"]),
        ("{# Hello #}<!-- Hello --><p>· {{ time }}, 1</p>", []),
    ],
)
def test_it_finds_what_stands_as_it_is(template: str, found: list[str]) -> None:
    assert [" ".join(one.split()) for one in literals(template)] == [" ".join(one.split()) for one in found]
