"""All text on the pages goes through gettext, so that a new language needs only a catalog."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from dashboard.web.language import text_for_scope
from tests.support import python_literals
from tests.support.processes import ROOT
from tests.support.template_literals import literals

PACKAGES = (
    "accounts",
    "archive",
    "content",
    "keys",
    "live",
    "people",
    "polling",
    "sharing",
    "tasks",
    "upstream",
    "videos",
    "web",
)
MODULES = sorted(path for package in PACKAGES for path in (ROOT / "dashboard" / package).rglob("*.py"))
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


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT / "dashboard")) for path in MODULES])
def test_no_module_says_anything_by_itself(path: Path) -> None:
    assert [*python_literals.literals(path.read_text())] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('messages.success(request, "Saved.")', ["Saved."]),
        ('messages.info(request, f"{name} was saved.", extra_tags="a tag")', [" was saved."]),
        ('messages.info(request, gettext("Saved.") if saved else "Not saved.")', ["Not saved."]),
        ('messages.error(request, gettext("%(name)s is closed.") % {"name": other or "Somebody"})', []),
        ('raise forms.ValidationError("Enter a name.")', ["Enter a name."]),
        ('raise ValidationError(gettext("Enter a name."), code="no name")', []),
        ('form.add_error("name", "Enter a name.")', ["Enter a name."]),
        (
            'forms.CharField(label="Name", widget=forms.TextInput({"placeholder": "e.g. Robin"}))',
            ["Name", "e.g. Robin"],
        ),
        ('forms.CharField(label=_("Name"), error_messages={"required": "Enter it."})', ["Enter it."]),
        ('forms.FloatField(error_messages=dict.fromkeys(("invalid", "required"), "Enter it."))', ["Enter it."]),
        ('forms.URLField(widget=forms.TextInput({"placeholder": "https://…"}))', []),
        ('gettext(f"{name} is closed.")', ["f'{name} is closed.'"]),
        ('logger.info("it was saved")', []),
    ],
)
def test_it_finds_what_code_says(code: str, found: list[str]) -> None:
    assert [*python_literals.literals(code)] == found


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (b"accept-language", b"de-AT,en;q=0.5", "Ja"),
        (b"cookie", b"other=1; reelboard_language=de", "Ja"),
        (b"accept-language", b"tlh", "Yes"),
        (b"accept-language", b"\xff" * 1_000, "Yes"),
    ],
)
def test_a_text_without_a_page_is_in_the_readers_language(
    settings: Settings, name: bytes, value: bytes, text: str
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    assert text_for_scope("Yes", {"headers": [(b"host", b"localhost"), (name, value)]}) == text
