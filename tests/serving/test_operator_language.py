"""Commands print in the language of the terminal."""

import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.management.commands import runworker, serve
from dashboard.management.operator_language import language_of
from tests.support import pseudo_locale


@pytest.fixture
def languages(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体中文")]


@pytest.fixture
def terminal(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in a language made of the English texts."""
    pseudo_locale.write_catalogs(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), (pseudo_locale.CODE, "xx")]
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANGUAGE", pseudo_locale.CODE)


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "de_AT.UTF-8"}, "de"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh-hans"),
        ({"LANG": "de_DE@euro"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "fr:zh_CN:de", "LANG": "en_US.UTF-8"}, "zh-hans"),
        ({"LANGUAGE": "fr", "LANG": "de_DE.UTF-8"}, "de"),
        ({"LANGUAGE": "zh_CN", "LANG": "C.UTF-8"}, "zh-hans"),
        ({"LANGUAGE": "zh_CN", "LC_ALL": "POSIX"}, "en"),
        ({"LANG": "../../etc"}, "en"),
        ({"LANG": "x" * 1_000}, "en"),
    ],
)
def test_it_is_the_first_language_with_a_catalog(languages: None, environment: dict[str, str], code: str) -> None:
    assert language_of(environment) == code


def test_it_is_english_if_the_terminal_lacks_the_letters(languages: None) -> None:
    assert language_of({"LANG": "zh_CN"}, "ascii") == "en"
    assert language_of({"LANG": "zh_CN"}, "gb2312") == "zh-hans"


def test_a_command_prints_in_it(terminal: None, alice: User) -> None:
    output = StringIO()
    call_command("unlock", "alice", stdout=output)
    assert output.getvalue().startswith("⟦")
    assert "alice" in output.getvalue()
    assert translation.get_language() == "en"


@pytest.mark.parametrize(
    "arguments", [("unlock", "nobody"), ("runworker", "nothing"), ("demo",)], ids=lambda arguments: arguments[0]
)
def test_an_error_is_in_it(terminal: None, db: None, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="⟦"):
        call_command(*arguments)


@pytest.mark.parametrize("command", [serve.Command, runworker.Command])
def test_its_help_is_in_it(terminal: None, command: type[serve.Command | runworker.Command]) -> None:
    text = command().create_parser("manage.py", command.__module__.rpartition(".")[2]).format_help()
    assert text.count("⟦") > 1


def test_a_server_prints_in_it_and_runs_in_english(
    terminal: None, db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server runs in English, and only what it prints for the operator is in another language."""
    command = serve.Command()
    command.stdout = sys.stdout  # type: ignore[assignment]  # has no style
    command._setup_path = ""
    command.announce("127.0.0.1", 8000)
    assert capsys.readouterr().out.startswith("⟦")
    assert translation.get_language() == "en"
