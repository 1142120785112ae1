"""What a demo begins with is made once, and again when what it was made from has changed."""

import sqlite3
from pathlib import Path

import pytest

from dashboard.demo import beginning


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "demo.json").write_text("{}")
    return tmp_path


def write(folder: Path, words: str) -> None:
    connection = sqlite3.connect(folder / beginning.NAME)
    connection.execute("CREATE TABLE IF NOT EXISTS said (words)")
    connection.execute("INSERT INTO said VALUES (?)", [words])
    connection.commit()
    connection.close()


def read(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / beginning.NAME)
    said = [str(words) for (words,) in connection.execute("SELECT words FROM said")]
    connection.close()
    return said


def test_it_begins_with_nothing(folder: Path) -> None:
    write(folder, "of the last demo")
    beginning.lay_out(folder)
    assert not (folder / beginning.NAME).exists()


def test_it_goes_back_to_what_was_kept(folder: Path) -> None:
    write(folder, "kept")
    beginning.keep(folder)
    write(folder, "later")
    beginning.keep(folder)
    beginning.lay_out(folder)
    assert read(folder) == ["kept"]


def test_other_passwords_make_another_one(folder: Path) -> None:
    write(folder, "kept")
    beginning.keep(folder)
    (folder / "demo.json").write_text('{"admin_password": "other"}')
    beginning.lay_out(folder)
    assert not (folder / beginning.NAME).exists()
    write(folder, "with the other password")
    beginning.keep(folder)
    assert len(list(folder.glob("beginning-*"))) == 1
