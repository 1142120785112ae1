"""A template of the demo's initial database, with its tables and members. Each start copies it.

This saves more than a second for migrations and for hashing two passwords. The template's name contains a hash of the
migrations, the requirements and the passwords, so changing any of them creates a new template.
"""

import hashlib
import shutil
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "reelboard.sqlite3"


def lay_out(folder: Path) -> None:
    """Deletes the current database, and replaces it with a copy of the template if there is one."""
    for old in folder.glob(f"{NAME}*"):
        old.unlink()
    if _copy(folder).exists():
        shutil.copyfile(_copy(folder), folder / NAME)


def keep(folder: Path) -> None:
    """Saves the current database as the template, unless there already is one."""
    copy = _copy(folder)
    if copy.exists():
        return
    for old in folder.glob("beginning-*"):
        old.unlink()
    unfinished = copy.with_suffix(".tmp")
    connection = sqlite3.connect(folder / NAME)
    try:
        connection.execute("VACUUM INTO ?", [str(unfinished)])
    finally:
        connection.close()
    unfinished.rename(copy)


def _copy(folder: Path) -> Path:
    made_from = [*sorted((ROOT / "dashboard" / "migrations").glob("*.py")), ROOT / "requirements.lock"]
    digest = hashlib.sha256()
    for path in (*made_from, folder / "demo.json"):
        digest.update(path.read_bytes())
    return folder / f"beginning-{digest.hexdigest()[:16]}.sqlite3"
