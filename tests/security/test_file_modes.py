"""Only the server's own user can open the files in DATA_DIR, regardless of the umask and of DATA_DIR's own mode."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from tests.support.processes import ROOT, ServerProcess, environment

CARELESS = 0o000  # a umask that removes no permissions
TRY_EACH = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        try: open(os.path.join(folder, name), "rb").close(); print(name)
        except OSError: pass
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that everybody can open, in folders that everybody can traverse, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="reelboard-open-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def manage(data_dir: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return python(data_dir, "manage.py", *words, **env)


def python(data_dir: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    given = environment(data_dir, **env)
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=given, umask=CARELESS, capture_output=True, text=True, timeout=60
    )


def only_as_root() -> None:
    if os.geteuid():
        pytest.skip("only root can become another user, and give files away")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(data_dir: Path) -> dict[str, str]:
    """Returns everything in the folder to which the group or others have any permission, each with its mode."""
    return {path.name: oct(mode(path)) for path in data_dir.rglob("*") if mode(path) & 0o077}


def readable_by_nobody(data_dir: Path) -> list[str]:
    """Returns the files that the user `nobody` can actually open; the tests have to run as root for this."""
    only_as_root()
    command = ["/usr/bin/python3", "-c", TRY_EACH, str(data_dir)]
    tried = subprocess.run(command, user="nobody", group="nogroup", extra_groups=[], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    return tried.stdout.split()


def video_in(data_dir: Path) -> Path:
    """A copy of a video as an older version stored it with a common umask."""
    name = str(uuid4())
    file = data_dir / "videos" / name[:2] / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"video")
    for path, bits in ((file, 0o644), (file.parent, 0o755), (file.parent.parent, 0o755)):
        path.chmod(bits)
    return file


@pytest.mark.server
def test_it_opens_nothing_to_others_while_it_serves(data_dir: Path) -> None:
    process = ServerProcess(data_dir, POLLER="embedded")
    process.umask = CARELESS
    process.start()
    names = {path.name for path in data_dir.rglob("*")}
    found, read = open_to_others(data_dir), readable_by_nobody(data_dir)
    process.close()
    assert {"reelboard.sqlite3", "reelboard.sqlite3-wal", "reelboard.sqlite3-shm", "secret_key", "keyring"} <= names
    assert (found, read) == ({}, [])


@pytest.mark.parametrize("words", [("manage.py", "migrate", "-v0"), ("-c", "import dashboard.asgi")])
def test_no_other_start_opens_anything_either(data_dir: Path, words: tuple[str, ...]) -> None:
    write = "import pathlib, os; pathlib.Path(os.environ['DATA_DIR'], 'made').touch()"
    done = python(data_dir, *(words if words[0] != "-c" else ("-c", f"{words[1]}; {write}")))
    assert done.returncode == 0, done.stderr
    assert open_to_others(data_dir) == {}


def test_the_demo_opens_nothing_to_others(data_dir: Path) -> None:
    (data_dir / "videos").mkdir(mode=0o700)
    lay_out = "from dashboard.management import demo_launcher as demo; demo.run = lambda *_: 0"
    lay_out += "; demo.video_files.make_all = print"
    done = python(data_dir, "-c", f"{lay_out}; demo.main(); open('{data_dir}/made', 'w')", PORT="0")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in data_dir.iterdir()} >= {"demo.json", "made"}
    assert open_to_others(data_dir) == {}


def test_it_closes_what_was_open_before(data_dir: Path) -> None:
    manage(data_dir, "migrate", "-v0")
    (data_dir / "keyring").write_bytes(Fernet.generate_key())
    video_in(data_dir)
    for name in ("reelboard.sqlite3", "secret_key", "keyring"):
        (data_dir / name).chmod(0o644)
    (data_dir / "reelboard.sqlite3-wal").touch(0o644)
    assert manage(data_dir, "check").returncode == 0
    assert (open_to_others(data_dir), readable_by_nobody(data_dir)) == ({}, [])


def test_it_closes_a_database_that_lies_elsewhere(data_dir: Path, tmp_path: Path) -> None:
    database = tmp_path / "elsewhere.sqlite3"
    database.touch(0o644)
    manage(data_dir, "check", DATABASE_URL=f"sqlite:///{database}")
    assert mode(database) == 0o600


def test_it_lets_the_proxys_group_read_copies_and_nothing_else(data_dir: Path) -> None:
    video = video_in(data_dir)
    told = manage(data_dir, "migrate", "-v0", X_ACCEL="on")
    assert told.returncode == 0, told.stderr
    assert [mode(path) for path in (video, video.parent, video.parent.parent)] == [0o640, 0o750, 0o750]
    assert mode(data_dir / "reelboard.sqlite3") == 0o600


def test_it_gives_the_copies_to_the_group_that_is_named(data_dir: Path) -> None:
    only_as_root()
    video = video_in(data_dir)
    data_dir.chmod(0o700)
    manage(data_dir, "check", X_ACCEL="on", X_ACCEL_GROUP="www-data")
    assert {path.group() for path in (video, video.parent, video.parent.parent, data_dir)} == {"www-data"}
    assert mode(data_dir) == 0o710  # to traverse it, but not to list it


def test_new_copies_are_like_those(data_dir: Path) -> None:
    keep = """
import django; django.setup()
from uuid import uuid4; from dashboard.videos import files
draft = files.PartialFile(uuid4(), uuid4()); draft.begin(); draft.flush_to_disk()
files.put_in_place(draft.path, uuid4())
"""
    for setting, expected in (("on", {0o640, 0o750}), ("off", {0o600, 0o700})):
        assert python(data_dir, "-c", keep, X_ACCEL=setting).returncode == 0
        kept = {mode(path) for path in (data_dir / "videos").rglob("*") if ".tmp" not in path.parts}
        assert {*kept, mode(data_dir / "videos")} == expected
        shutil.rmtree(data_dir / "videos")


def test_it_does_not_know_a_group_that_is_none(data_dir: Path) -> None:
    told = manage(data_dir, "check", X_ACCEL="on", X_ACCEL_GROUP="no-such-group")
    assert told.returncode != 0
    assert "X_ACCEL_GROUP='no-such-group' is not allowed: use the name or number of a group" in told.stderr


def test_it_warns_where_the_folder_itself_is_open(data_dir: Path) -> None:
    assert (
        f"DATA_DIR is open to other users of this machine: chmod o-rwx {data_dir}" in manage(data_dir, "check").stderr
    )
    data_dir.chmod(0o700)
    assert "DATA_DIR" not in manage(data_dir, "check").stderr


def test_it_says_what_it_could_not_close(data_dir: Path) -> None:
    only_as_root()
    if subprocess.run(["test", "-r", ROOT / "manage.py"], user="nobody", check=False).returncode:
        pytest.skip("the user nobody can't read this folder")
    manage(data_dir, "migrate", "-v0")
    (data_dir / "keyring").write_bytes(Fernet.generate_key())
    for name in ("secret_key", "keyring"):
        (data_dir / name).chmod(0o644)
    data_dir.chmod(0o777)
    command = ["setpriv", "--reuid=nobody", "--clear-groups", sys.executable, "manage.py", "check"]
    told = subprocess.run(command, cwd=ROOT, env=environment(data_dir), capture_output=True, text=True)
    assert f"Other users of this machine may be able to open {data_dir}/" in told.stderr
