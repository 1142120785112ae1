"""Settings from the environment: how they are parsed, and how an invalid one stops the start."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from dashboard import env
from dashboard.tasks.actions import deadline_for
from tests.support.processes import ROOT, environment

READ = {
    "": {},
    "sora-2=1200": {"sora-2": 1200.0},
    " sora-2 = 1200 , veo-3=900.5,": {"sora-2": 1200.0, "veo-3": 900.5},
    "vendor/model:a=b=60": {"vendor/model:a=b": 60.0},
}
WRONG = ["1200", "=1200", "sora-2=", "sora-2=soon", "sora-2=0", "sora-2=-5", "sora-2=nan", "sora-2=1,sora-2=2"]


@pytest.mark.parametrize("value", READ)
def test_it_reads_seconds_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("POLL_DEADLINES", value)
    assert env.seconds_by_name("POLL_DEADLINES") == READ[value]


@pytest.mark.parametrize("value", WRONG)
def test_it_says_how_seconds_by_name_are_written(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("POLL_DEADLINES", value)
    with pytest.raises(ImproperlyConfigured, match=r"^POLL_DEADLINES=.* use name=seconds pairs"):
        env.seconds_by_name("POLL_DEADLINES")


def test_a_model_with_a_deadline_of_its_own_has_that(settings: LazySettings) -> None:
    settings.POLL_DEADLINE, settings.POLL_DEADLINES = 600.0, {"sora-2": 1200.0}
    assert [deadline_for(model).total_seconds() for model in ("sora-2", "veo-3")] == [1200, 600]


def test_deadlines_by_model_come_from_the_environment(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from dashboard import settings; print(settings.POLL_DEADLINES)"]
    given = environment(tmp_path, POLL_DEADLINES="sora-2=1200")
    assert subprocess.check_output(command, cwd=ROOT, env=given, text=True).strip() == "{'sora-2': 1200.0}"
