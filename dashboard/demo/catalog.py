"""The videos that the demo gateway can serve: their names, sizes and lengths, and their paths on disk."""

from dataclasses import dataclass
from pathlib import Path

RANDOM_SIZE = 1_000_003


@dataclass(frozen=True, slots=True)
class Video:
    """How to make one video. `rate` (bit/s) pads the stream to a constant bit rate; 0 lets the encoder decide."""

    name: str
    width: int
    height: int
    seconds: int
    fps: int
    kind: str
    colours: tuple[str, ...]
    seed: int
    rate: int = 0
    index_first: bool = True

    @property
    def file_name(self) -> str:
        """The name of the video's file in the video directory."""
        return f"{self.name}.mp4"


VIDEOS = {
    video.name: video
    for video in (
        Video(
            "landscape",
            1280,
            720,
            6,
            24,
            "linear",
            ("#0b1d3a", "#1f6f8b", "#f2a65a", "#f7e7ce"),
            3,
        ),
        Video(
            "portrait",
            720,
            1280,
            8,
            24,
            "radial",
            ("#2b0a3d", "#c2185b", "#ff8a65", "#fff1d0"),
            7,
        ),
        Video(
            "square",
            720,
            720,
            5,
            30,
            "spiral",
            ("#06281f", "#118a6b", "#b6e388", "#fef9d9"),
            11,
        ),
        Video(
            "wide",
            1680,
            720,
            12,
            24,
            "linear",
            ("#10131f", "#3d348b", "#7678ed", "#f7b801"),
            19,
        ),
        Video(
            "short",
            640,
            360,
            4,
            24,
            "circular",
            ("#1d1e2c", "#59656f", "#ac9fbb", "#ddbdd5"),
            23,
        ),
        Video(
            "medium",
            854,
            480,
            30,
            24,
            "radial",
            ("#001427", "#708d81", "#f4d58d", "#bf0603"),
            31,
        ),
        # The index ("moov") comes last and the file is larger than 40 MB, so that a player has to seek to the index.
        Video(
            "long",
            1280,
            720,
            60,
            24,
            "spiral",
            ("#03071e", "#6a040f", "#e85d04", "#ffba08"),
            43,
            5_800_000,
            False,
        ),
    )
}


def video_path(directory: Path, name: str) -> Path:
    """Returns the path of the video `name`. Any `<name>.mp4` that is put into the directory is a video, too.

    Raises LookupError if there is no such file.
    """
    path = directory / f"{name}.mp4"
    if path.parent != directory or not path.is_file():
        raise LookupError(f"there is no video {name!r} in {directory}")
    return path


def available(directory: Path) -> list[str]:
    """Returns the names of the videos in the directory, sorted."""
    return sorted(path.stem for path in directory.glob("*.mp4"))


def closest(directory: Path, width: int, height: int) -> str:
    """Returns the name of the cataloged video on disk whose aspect ratio is closest to width:height.

    Never "long"; "random" if there is none.
    """
    found = [VIDEOS[name] for name in available(directory) if name in VIDEOS and name != "long"]
    if not found:
        return "random"
    return min(found, key=lambda video: abs(video.width / video.height - width / height)).name
