"""The options and checks of `manage.py runworker`; its work is tested in test_kill."""

import pytest
from django.core.management import CommandError, call_command

from dashboard.management.commands.runworker import warnings


def test_it_knows_no_other_channel() -> None:
    with pytest.raises(CommandError, match="poller"):
        call_command("runworker", "mailer")


def test_it_warns_of_what_works_worse() -> None:
    found = warnings(server_polls=True, on_sqlite=True, in_memory=True)
    assert [warning.partition(" ")[0] for warning in found] == ["POLLER", "The", "REDIS_URL"]


def test_it_has_nothing_to_say_about_a_large_set_up() -> None:
    assert warnings(server_polls=False, on_sqlite=False, in_memory=False) == []
