"""File permissions in DATA_DIR. Only its owner can read it, except for videos that a proxy serves (X_ACCEL).

New files are private, because the settings set the umask for every command. Files that an older version, another umask
or a backup left open are fixed at the next start. With X_ACCEL=on, the group X_ACCEL_GROUP can read the videos.
"""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
SHARED = 0o640
SHARED_FOLDER = 0o750
OTHERS_MAY_LOOK = 0o006
# The names of our files. The folder may contain other files that aren't ours.
OURS = (
    "*.sqlite3*",
    "secret_key*",
    ".secret_key.*",
    "keyring*",
    ".keyring.*",
    "demo.json",
    "migrate.lock",
    "setup_link",
)
BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")
CANNOT_RESTRICT = (
    "Other users of this machine may be able to open %s%s, and this one can't change that: it is somebody else's, "
    "or the user is not in X_ACCEL_GROUP."
)

logger = logging.getLogger(__name__)


def close_to_others() -> None:
    """Fixes the modes of existing files, and warns about those it can't fix. Makes about 300 `stat` calls at most."""
    try:
        still_open = [path for path in _all() if not _set(path, *_wanted(path))]
    except OSError as error:
        logger.warning("The modes of what is in DATA_DIR can't be checked: %s", error)
        return
    if still_open:
        names = ", ".join(str(path) for path in still_open[:3])
        more = f" and {len(still_open) - 3} more" if len(still_open) > 3 else ""
        logger.warning(CANNOT_RESTRICT, names, more)
    if stat.S_IMODE(_folder().stat().st_mode) & OTHERS_MAY_LOOK:
        logger.warning("DATA_DIR is open to other users of this machine: chmod o-rwx %s", _folder())


def make_video_folder(path: Path) -> None:
    path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    share_video(path)


def share_video(path: Path) -> None:
    """Lets the proxy's group read a new file or folder if X_ACCEL is on. Ignores errors; startup has logged them."""
    _set(path, *_wanted_of_video(is_folder=path.is_dir()))


def _folder() -> Path:
    return Path(settings.DATA_DIR)


def _videos() -> Path:
    return _folder() / "videos"


def _all() -> Iterator[Path]:
    """Yields the paths to fix. If a folder of videos already has the right mode, assumes that its files do, too."""
    yield from _databases()
    for pattern in OURS:
        yield from filter(_is_plain_file, _folder().glob(pattern))
    if settings.X_ACCEL and settings.X_ACCEL_GROUP is not None and not _folder().stat().st_mode & stat.S_IXOTH:
        yield _folder()
    if _videos().is_dir():
        yield _videos()
        yield from _in_videos(entry for entry in os.scandir(_videos()) if entry.is_dir(follow_symlinks=False))


def _databases() -> Iterator[Path]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        name = str(settings.DATABASES["default"]["NAME"])
        yield from filter(_is_plain_file, (Path(name + suffix) for suffix in BESIDE_SQLITE))


def _in_videos(folders: Iterable["os.DirEntry[str]"]) -> Iterator[Path]:
    for folder in map(Path, folders):
        if not _fits(folder.stat(), *_wanted(folder)):
            yield from filter(_is_plain_file, folder.iterdir())
            yield folder  # last, because its mode means that its files are done


def _is_plain_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _wanted(path: Path) -> tuple[int, int | None]:
    """Returns the wanted mode and group. None means any group."""
    if path == _folder():
        # The group can enter the folder but not list it.
        return stat.S_IMODE(path.stat().st_mode) & ~0o070 | stat.S_IXGRP, settings.X_ACCEL_GROUP
    if path == _videos() or _videos() in path.parents:
        return _wanted_of_video(is_folder=path.is_dir())
    return PRIVATE, None


def _wanted_of_video(*, is_folder: bool) -> tuple[int, int | None]:
    if not settings.X_ACCEL:
        return PRIVATE_FOLDER if is_folder else PRIVATE, None
    group = _videos().stat().st_gid if settings.X_ACCEL_GROUP is None else settings.X_ACCEL_GROUP
    return SHARED_FOLDER if is_folder else SHARED, group


def _fits(found: os.stat_result, mode: int, group: int | None) -> bool:
    return stat.S_IMODE(found.st_mode) & 0o777 == mode and group in (None, found.st_gid)


def _set(path: Path, mode: int, group: int | None) -> bool:
    """Returns False if the path belongs to another user, or the file system doesn't support modes."""
    try:
        if _fits(path.stat(), mode, group):
            return True
        path.chmod(mode)
        if group is not None:
            os.chown(path, -1, group)
        return _fits(path.stat(), mode, group)
    except FileNotFoundError:
        return True  # deleted by another process in the meantime
    except OSError:
        return False
