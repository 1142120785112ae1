"""The database as a demo begins: its tables and members. Made once; a start copies it, which takes no time.

Migrating and hashing two passwords take a good second. The copy's name tells what it was made from, so that another
version of the code, or other passwords, make another one.
"""

import hashlib
import shutil
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "reelboard.sqlite3"


def lay_out(folder: Path) -> None:
    """Puts the copy in place of whatever database was there; nothing, where there is no copy yet."""
    for old in folder.glob(f"{NAME}*"):
        old.unlink()
    if _copy(folder).exists():
        shutil.copyfile(_copy(folder), folder / NAME)


def keep(folder: Path) -> None:
    """Keeps the database as it is now for the next start, unless there is a copy."""
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
