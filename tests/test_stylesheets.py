"""The stylesheets refer to exactly what the pages have."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
CSS = "\n".join(path.read_text() for path in sorted((ROOT / "static/css").glob("*.css")))
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
TEMPLATES = "\n".join(path.read_text() for path in sorted((ROOT / "templates").rglob("*.html")))
SCRIPTS = "\n".join(path.read_text() for path in sorted((ROOT / "static/js").rglob("*.js")))
TAG = r"\{%.*?%\}|\{\{.*?\}\}"
# Set by htmx, by Django's message levels, by the tag `icon`, and by the block `width` of base.html.
GIVEN = {"htmx-request", "success", "icon", "narrow"}


def test_every_class_is_used() -> None:
    named = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "", RULES)))
    values = re.findall(rf'class="((?:[^"{{]|{TAG})*)"', TEMPLATES) + re.findall(r'className[:=] [`"]([^`"]*)', SCRIPTS)
    used = {name for value in values for name in re.sub(TAG, " ", value).split()}
    conditional = {name for value in values for name in re.findall(r"%\} ([a-z-]+)\{%", value)}
    assert named - used - conditional - GIVEN == set()


def test_every_variable_is_defined_and_used() -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", RULES))
    assert defined == set(re.findall(r"var\((--[\w-]+)", RULES))


def test_every_data_attribute_has_a_reader() -> None:
    public = {"data-task-id", "data-condition", "data-status"}
    written = set(re.findall(r"(?<![\w-])data-[a-z-]+", TEMPLATES)) - public
    assert {
        name for name in written if name not in CSS and name not in SCRIPTS and property_of(name) not in SCRIPTS
    } == set()


def property_of(attribute: str) -> str:
    """Returns its name in `dataset`."""
    return re.sub(r"-([a-z])", lambda letter: letter[1].upper(), attribute.removeprefix("data-"))
