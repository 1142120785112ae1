"""The files of the archive. Doesn't use the database. Every call may block, so make it in a thread.

    videos/.tmp/<id>.<token>   being written, locked (flock) while its writer is alive
    videos/<ab>/<id>           complete, and synced to disk before it gets this name
    videos/<ab>/<id>.poster    pictures made from it, WebP: they can be made again, so they are not synced
    videos/<ab>/<id>.storyboard

IDs and tokens are UUIDs that we generate: no part of a path comes from outside.
With X_ACCEL=on, the group may read the files, so that a proxy in it can send videos itself.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from dashboard import data_dir
from dashboard.tasks.media_info import PictureKind

FREE_BYTES = 1024**3  # left free on the disk; on disks smaller than 20 GB ...
PICTURE_KINDS: Final[tuple[PictureKind, ...]] = ("poster", "storyboard")
FREE_SHARE = 0.05  # ... this share of it


def root() -> Path:
    return Path(settings.DATA_DIR) / "videos"


def relative_path(video_id: UUID) -> str:
    return f"{video_id.hex[:2]}/{video_id}"


def path_of(video_id: UUID) -> Path:
    return root() / relative_path(video_id)


def picture_path(video_id: UUID, kind: PictureKind) -> Path:
    return root() / f"{relative_path(video_id)}.{kind}"


def partial_dir() -> Path:
    return root() / ".tmp"


def prepare() -> None:
    for folder in (root(), partial_dir()):
        data_dir.make_video_folder(folder)


def room_on_disk() -> int:
    """Returns how many bytes may still be written; negative if too little space is left already."""
    usage = shutil.disk_usage(root())
    return usage.free - int(min(FREE_BYTES, usage.total * FREE_SHARE))


class PartialFile:
    """A file being written. Use it from one thread at a time. All methods may raise OSError."""

    def __init__(self, video_id: UUID, token: UUID) -> None:
        self.size = 0
        self.path = partial_dir() / f"{video_id}.{token.hex}"
        self._digest = hashlib.sha256()
        self._descriptor: int | None = None

    def begin(self) -> None:
        prepare()
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        data_dir.share_video(self.path)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, pieces: list[bytes]) -> None:
        assert self._descriptor is not None
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(self._descriptor, view) :]
            self._digest.update(piece)
            self.size += len(piece)

    def flush_to_disk(self) -> str:
        """Syncs the file to disk. Returns its SHA-256."""
        assert self._descriptor is not None
        os.fsync(self._descriptor)
        _sync_folder(self.path.parent)
        return self._digest.hexdigest()

    def close(self, *, leave: bool = False) -> None:
        """Closes the file. Removes it, if it still has its draft's name, unless `leave` is set."""
        if self._descriptor is None:
            return
        if not leave:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None


def put_in_place(draft: Path, video_id: UUID) -> None:
    """Moves a draft that is synced to disk to its final name. Call `sync_folder` before you announce the file."""
    target = path_of(video_id)
    data_dir.make_video_folder(target.parent)
    draft.replace(target)


def sync_folder(video_id: UUID) -> None:
    """Syncs the video's folder and its parent to disk, so that a new name and a new folder survive a power failure."""
    _sync_folder(path_of(video_id).parent)
    _sync_folder(root())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_whole(path: Path, size: int, sha256: str) -> bool:
    """Returns whether the file has this size and checksum. Reads all of it."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def remove(video_id: UUID) -> None:
    """Removes the video and its pictures."""
    path_of(video_id).unlink(missing_ok=True)
    for kind in PICTURE_KINDS:
        picture_path(video_id, kind).unlink(missing_ok=True)


def write_picture(video_id: UUID, kind: PictureKind, content: bytes) -> None:
    """Replaces a picture at once, so that no reader gets half of it. One process at a time may do so for a video.

    Raises OSError.
    """
    target, draft = picture_path(video_id, kind), partial_dir() / f"{video_id}.{kind}"
    data_dir.make_video_folder(target.parent)
    draft.write_bytes(content)
    draft.replace(target)


def abandoned_partials(video_id: UUID | None = None) -> Iterator[tuple[UUID, UUID, Path]]:
    """Yields video ID, token and path of drafts whose writers have died: of one video, or of all."""
    for path in partial_dir().glob(f"{video_id}.*" if video_id else "*"):
        owner, _, token = path.name.partition(".")
        ids = _uuid(owner), _uuid(token)
        if ids[0] and ids[1] and _is_abandoned(path):
            yield ids[0], ids[1], path


def _is_abandoned(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked by its writer, or just removed
        return False
    return True


def find_whole(video_id: UUID, size: int, sha256: str) -> Path | None:
    """Returns the video's file, or a complete draft that a dead archiver left behind; None if there is neither.

    Removes incomplete drafts of dead archivers on the way.
    """
    if is_whole(path_of(video_id), size, sha256):
        return path_of(video_id)
    for _, _, path in abandoned_partials(video_id):
        if is_whole(path, size, sha256):
            return path
        path.unlink(missing_ok=True)
    return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
