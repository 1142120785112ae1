"""Makes the demo's videos: all, one, or random bytes that only start like a video."""

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from dashboard.demo.catalog import RANDOM_SIZE, VIDEOS


def make_all(directory: Path) -> None:
    """Makes every video that doesn't exist yet. Takes about 8 s on two slow cores, and 55 MB on disk."""
    for name in VIDEOS:
        make_one(directory, name)
    make_bytes(directory)
    make_bytes(directory, "empty", 0)


def make_one(directory: Path, name: str = "short") -> Path:
    """Makes one video of the catalog unless it exists. Returns its path. `short` takes less than a second."""
    video = VIDEOS[name]

    def write(path: Path) -> None:
        # Existing videos are served without loading PyAV.
        from dashboard.demo import encoder

        encoder.encode(video, path)

    return place(directory / video.file_name, write)


def make_bytes(directory: Path, name: str = "random", size: int = RANDOM_SIZE) -> Path:
    """Writes `random_video(size)` to the directory as a video called `name`. Returns its path."""
    return place(directory / f"{name}.mp4", lambda path: path.write_bytes(random_video(size)))


def random_video(size: int = RANDOM_SIZE) -> bytes:
    """Returns `size` bytes: an MP4's `ftyp` box, then random bytes that are the same every time."""
    box = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42"
    return (box + random.Random(size).randbytes(max(0, size - len(box))))[:size]


def place(path: Path, write: Callable[[Path], object]) -> Path:
    """Calls `write` with a temporary file next to `path` and renames it to `path`, unless `path` exists already."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".making-", suffix=".tmp")
    os.close(handle)
    try:
        write(Path(name))
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path
