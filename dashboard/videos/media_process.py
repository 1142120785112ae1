"""Runs `media_reader` on a file, in another process, and checks its output: a hostile file may have taken it over."""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dashboard.tasks.media_info import MediaInfo, PictureKind
from dashboard.videos import media_reader

TIMEOUT: Final = 60.0  # seconds for one file
OUTPUT_LIMIT: Final = 200_000  # bytes
# `-I`: no variable and no folder of ours reaches it.
COMMAND: Final = (sys.executable, "-I", str(Path(media_reader.__file__).resolve()))


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a reader sent: facts, and pictures, which are empty if there are none."""

    info: MediaInfo
    pictures: dict[PictureKind, bytes]


async def read_file(descriptor: int, *, timeout: float = TIMEOUT) -> FileReport:
    """Reads an open video file, in another process. Never raises for what is in the file."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=descriptor,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    try:
        async with asyncio.timeout(timeout):
            assert process.stdout is not None
            output = bytearray()
            while chunk := await process.stdout.read(65_536):
                output += chunk
                if len(output) > OUTPUT_LIMIT:
                    return _failure("its reader sent too much")
            status = await process.wait()
    except TimeoutError:
        return _failure(f"it took longer than {timeout:.0f} seconds to read")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _report(bytes(output)) if status == 0 else _failure(f"its reader ended with status {status}")


def _failure(problem: str) -> FileReport:
    return FileReport(MediaInfo(error=problem), {})


def _report(output: bytes) -> FileReport:
    head, _, pictures = output.partition(b"\n")
    try:
        info = MediaInfo.from_json(json.loads(head))
    except (ValueError, RecursionError):
        return _failure("its reader sent no report")
    poster, storyboard = pictures[: info.poster_size or 0], pictures[info.poster_size or 0 :]
    if (len(poster), len(storyboard)) != (info.poster_size or 0, info.storyboard_size or 0):
        return _failure("its reader sent an incomplete report")
    if not all(is_webp(picture) for picture in (poster, storyboard) if picture):
        return _failure("its reader sent something that isn't a picture")
    if not poster and not info.error:
        info = replace(info, error="it has no pictures")
    return FileReport(info, {"poster": poster, "storyboard": storyboard})


def is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 16
