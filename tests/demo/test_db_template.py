"""The initial database of a demo is created once, and again when its sources have changed."""

import sqlite3
from pathlib import Path

import pytest

from dashboard.management import db_template


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "demo.json").write_text("{}")
    return tmp_path


def write(folder: Path, words: str) -> None:
    connection = sqlite3.connect(folder / db_template.NAME)
    connection.execute("CREATE TABLE IF NOT EXISTS said (words)")
    connection.execute("INSERT INTO said VALUES (?)", [words])
    connection.commit()
    connection.close()


def read(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / db_template.NAME)
    said = [str(words) for (words,) in connection.execute("SELECT words FROM said")]
    connection.close()
    return said


def test_it_begins_with_nothing(folder: Path) -> None:
    write(folder, "of the last demo")
    db_template.lay_out(folder)
    assert not (folder / db_template.NAME).exists()


def test_it_goes_back_to_what_was_kept(folder: Path) -> None:
    write(folder, "kept")
    db_template.keep(folder)
    write(folder, "later")
    db_template.keep(folder)
    db_template.lay_out(folder)
    assert read(folder) == ["kept"]


def test_other_passwords_make_another_one(folder: Path) -> None:
    write(folder, "kept")
    db_template.keep(folder)
    (folder / "demo.json").write_text('{"admin_password": "other"}')
    db_template.lay_out(folder)
    assert not (folder / db_template.NAME).exists()
    write(folder, "with the other password")
    db_template.keep(folder)
    assert len(list(folder.glob("beginning-*"))) == 1
