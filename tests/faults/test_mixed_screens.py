"""In any order of events, the screens of members who read in several languages end up right, each in its own.

FAULTS_SEED repeats a run; SCHEDULES sets the number of schedules, with consecutive seeds.
"""

import logging
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from tests.faults.screens import LANGUAGES, Schedule, is_in, write_catalogs
from tests.faults.test_screens import FIRST, NUMBER, new_cast


@pytest.fixture
def catalogs(settings: Settings, tmp_path: Path) -> None:
    write_catalogs(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [(code, code) for code in LANGUAGES]


@pytest.mark.usefixtures("catalogs")
@pytest.mark.django_db(transaction=True)
async def test_every_screen_ends_up_right_in_its_language(caplog: pytest.LogCaptureFixture) -> None:
    for seed in range(FIRST, FIRST + NUMBER):
        print(f"FAULTS_SEED={seed}")
        await Schedule(seed, await sync_to_async(new_cast)(), LANGUAGES).run()
        # The hub starts again after an error, so that a row it could not deliver may arrive all the same.
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_the_language_of_a_row(language: str) -> None:
    rows = {"en": '<input aria-label="Select A">', "qaa": '<input aria-label="qaa: A">'}
    assert [is_in(language, row) for row in rows.values()] == [language == "en", language == "qaa"]
