"""Reads facts and pictures from a video file, in a process of its own, because the file may be hostile.

Run it as a script with the file as standard input. Writes one line of JSON to standard output, then the poster, then
the storyboard, both WebP. It imports nothing else of the product, opens nothing but its input, and limits its own
memory, time, files and output. A file that it can't read results in `{"error": ...}`; the caller has to expect that
the process is killed by a limit, or hangs until the caller kills it.
"""

import io
import json
import os
import resource
import statistics
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO, Final

# By the first bytes; the format is never guessed, so a playlist that is called .mp4 is not followed.
DEMUXERS: Final = ((b"\x1a\x45\xdf\xa3", 0, "matroska,webm"), (b"ftyp", 4, "mov"))
DECODERS: Final = frozenset(
    {"h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "mpeg4", "mjpeg"}
    | {"prores", "h263", "theora"}
)
MEMORY: Final = 1536 * 1024**2  # bytes of address space
CPU_SECONDS: Final = 30
OPEN_FILES: Final = 16
MAX_PIXELS: Final = 8192 * 4608  # of a frame; larger ones are not decoded
LONGER_SIDE: Final = 320  # pixels of a poster
FRAMES: Final = 11  # of a storyboard
POSTER_LIMIT: Final = 15_000  # bytes
STORYBOARD_LIMIT: Final = 60_000
QUALITIES: Final = (70, 55, 40, 25, 10, 1)
DECODED_PIXELS: Final = 1_500_000_000  # in all, up to which every frame is decoded; otherwise only key frames
COUNTED_SIZE: Final = 64 * 1024**2  # bytes of a file, up to which every packet is looked at for the frame rate
EXAMINED_FRAMES: Final = 90  # from the start, for one that is neither black nor a fade
ENOUGH_CONTRAST: Final = 0.7  # of that of the frame with the median contrast


def set_limits() -> None:
    """Limits this process. Call it after all imports, which open files."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    os.nice(10)


class Unreadable(Exception):
    """The file can't be read; says why in English."""


class Reader:
    """Reads one file. Facts are collected in `facts` even if there turn out to be no pictures."""

    def __init__(self, av: Any, file: BinaryIO) -> None:
        self._av = av
        self._file = file
        self._pixel_aspect = 1.0  # width of a pixel for each unit of its height
        self.facts: dict[str, Any] = {}

    def read(self) -> tuple[bytes, bytes]:
        """Returns the poster and the storyboard. Raises Unreadable."""
        try:
            with self._open() as container:
                stream = next(iter(container.streams.video), None)
                if stream is None:
                    raise Unreadable("there is no video in it")
                self._read_facts(container, stream)
                self._check(stream)
                self._configure(stream)
                return self._pictures(container, stream)
        except (self._av.error.FFmpegError, ValueError, MemoryError, EOFError) as error:
            raise Unreadable(str(error)[:200] or type(error).__name__) from error

    def _open(self) -> Any:
        head = self._file.read(32)
        self._file.seek(0)
        demuxer = next((name for sign, at, name in DEMUXERS if head[at : at + len(sign)] == sign), None)
        if demuxer is None:
            raise Unreadable("it is in no format that is read")
        # No reference to another file or address is followed: there is no protocol, and MP4's own are turned off.
        options = {"protocol_whitelist": "none", "enable_drefs": "0", "use_absolute_path": "0"}
        options = options if demuxer == "mov" else {"protocol_whitelist": "none"}
        # PyAV 19 always replaces what isn't UTF-8.
        lenient = {"metadata_errors": "replace"} if int(self._av.__version__.partition(".")[0]) < 19 else {}
        return self._av.open(self._file, format=demuxer, options=options, **lenient)

    def _read_facts(self, container: Any, stream: Any) -> None:
        context = stream.codec_context
        audio = next(iter(container.streams.audio), None)
        self.facts |= {
            "video_codec": context.name,
            "profile": str(context.profile or ""),
            "pixel_format": str(context.pix_fmt or ""),
            "audio_codec": audio.codec_context.name if audio is not None else "",
        }
        self._pixel_aspect = float(stream.sample_aspect_ratio or 1)
        self._set_size(context.width, context.height, 0)
        duration = container.duration / self._av.time_base if container.duration else None
        fps = float(stream.average_rate) if stream.average_rate else None
        if self._size_of_file() <= COUNTED_SIZE:
            times = self._packet_times(container, stream)
            if len(times) > 1 and times[-1] > times[0]:
                gap = statistics.median(after - before for before, after in pairwise(times))
                fps = (len(times) - 1) / (times[-1] - times[0])
                duration = duration or times[-1] + gap
            container.seek(0)
        self.facts["duration"] = round(duration, 3) if duration and 0 < duration < 10**7 else None
        self.facts["fps"] = round(fps, 3) if fps and 0 < fps < 1_000 else None

    def _size_of_file(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def _packet_times(self, container: Any, stream: Any) -> list[float]:
        """Returns the timestamps of the frames, in seconds, without decoding them. Stops where the file is damaged."""
        times: list[float] = []
        try:
            for packet in container.demux(stream):
                if packet.pts is not None:
                    times.append(float(packet.pts * packet.time_base))
        except (self._av.error.FFmpegError, ValueError):
            pass
        return sorted(times)

    def _set_size(self, width: int, height: int, rotation: int) -> None:
        """Sets the size at which players show the video. Its pixels may not be square."""
        width = round(width * self._pixel_aspect) if 0.1 < self._pixel_aspect < 10 else width
        size = (height, width) if rotation % 180 else (width, height)
        self.facts["width"], self.facts["height"] = size

    def _check(self, stream: Any) -> None:
        context = stream.codec_context
        if context.codec.name not in DECODERS:
            raise Unreadable(f"frames in {context.codec.name} are not decoded")
        if not 0 < context.width * context.height <= MAX_PIXELS:
            raise Unreadable(f"frames of {context.width} x {context.height} are not decoded")

    @staticmethod
    def _configure(stream: Any) -> None:
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}

    def _pictures(self, container: Any, stream: Any) -> tuple[bytes, bytes]:
        tiles = self._tiles(container, stream)
        if not tiles:
            raise Unreadable("no frame could be decoded")
        poster = self._poster(container, stream, tiles)
        self.facts |= {"picture_width": poster.width, "picture_height": poster.height}
        sheet = self._side_by_side(tiles)
        return self._webp(poster, POSTER_LIMIT), self._webp(sheet, STORYBOARD_LIMIT)

    def _tiles(self, container: Any, stream: Any) -> list["Picture"]:
        """Returns FRAMES pictures at equal distances over the whole length; fewer only if none could be decoded."""
        duration = self.facts["duration"] or 0.0
        frames = duration * (self.facts["fps"] or 25)
        targets = [duration * (index + 0.5) / FRAMES for index in range(FRAMES)]
        pixels = stream.codec_context.width * stream.codec_context.height
        if frames * pixels <= DECODED_PIXELS:
            tiles = self._decode_all(container, stream, targets)
        else:
            tiles = self._decode_key_frames(container, stream, targets)
        return [*tiles, *tiles[-1:] * (FRAMES - len(tiles))]

    def _decode_all(self, container: Any, stream: Any, targets: list[float]) -> list["Picture"]:
        tiles: list[Picture] = []
        last = None
        for frame in self._frames(container, stream):
            last = frame
            while len(tiles) < len(targets) and (frame.time or 0.0) >= targets[len(tiles)]:
                tiles.append(self._scaled(frame))
            if len(tiles) == len(targets):
                break
        return tiles or ([self._scaled(last)] if last is not None else [])

    def _decode_key_frames(self, container: Any, stream: Any, targets: list[float]) -> list["Picture"]:
        tiles: list[Picture] = []
        for target in targets:
            try:
                container.seek(int(target * self._av.time_base), backward=True)
                frame = next(self._frames(container, stream), None)
            except self._av.error.FFmpegError:
                continue
            if frame is not None:
                tiles.append(self._scaled(frame))
        return tiles

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Yields what can be decoded, and skips damaged packets."""
        failures = 0
        packets = container.demux(stream)
        while failures < 50:
            try:
                packet = next(packets)
                yield from packet.decode()
            except StopIteration:
                return
            except self._av.error.EOFError:
                return
            except self._av.error.FFmpegError:
                failures += 1

    def _poster(self, container: Any, stream: Any, tiles: list["Picture"]) -> "Picture":
        """Returns the first frame with content: with enough contrast compared to the whole video."""
        wanted = ENOUGH_CONTRAST * statistics.median(tile.contrast for tile in tiles)
        try:
            container.seek(0)
            for index, frame in enumerate(self._frames(container, stream)):
                if index >= EXAMINED_FRAMES:
                    break
                picture = self._scaled(frame)
                if picture.contrast >= wanted:
                    return picture
        except self._av.error.FFmpegError:
            pass
        return next((tile for tile in tiles if tile.contrast >= wanted), tiles[0])

    def _scaled(self, frame: Any) -> "Picture":
        rotation = int(getattr(frame, "rotation", 0) or 0)
        width, height = frame.width, frame.height
        self._set_size(width, height, rotation)
        shown = (self.facts["height"], self.facts["width"]) if rotation % 180 else self._shown()
        scale = min(1.0, LONGER_SIDE / max(shown))
        size = [max(2, round(side * scale / 2) * 2) for side in shown]
        small = frame.reformat(width=size[0], height=size[1], format="yuv420p", dst_color_range="MPEG")
        return Picture(size[0], size[1], [plane_bytes(plane) for plane in small.planes]).rotated(rotation)

    def _shown(self) -> tuple[int, int]:
        return self.facts["width"], self.facts["height"]

    @staticmethod
    def _side_by_side(tiles: list["Picture"]) -> "Picture":
        first = tiles[0]
        tiles = [tile if tile.size == first.size else first for tile in tiles]  # the size may change within a video
        planes = []
        for index in range(3):
            width, height = first.plane_size(index)
            rows = [
                b"".join(tile.planes[index][row * width : (row + 1) * width] for tile in tiles) for row in range(height)
            ]
            planes.append(b"".join(rows))
        return Picture(first.width * len(tiles), first.height, planes)

    def _webp(self, picture: "Picture", limit: int) -> bytes:
        """Encodes with the best quality at which the picture is small enough."""
        for quality in QUALITIES:
            encoded = self._encode(picture, quality)
            if len(encoded) <= limit:
                return encoded
        return b""

    def _encode(self, picture: "Picture", quality: int) -> bytes:
        frame = self._av.VideoFrame(picture.width, picture.height, "yuv420p")
        for plane, data in zip(frame.planes, picture.planes, strict=True):
            fill_plane(plane, data)
        context = self._av.CodecContext.create("libwebp", "w")
        context.width, context.height, context.pix_fmt = picture.width, picture.height, "yuv420p"
        context.time_base = Fraction(1, 25)
        context.options = {"quality": str(quality), "compression_level": "4", "preset": "photo"}
        return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


class Picture:
    """A small picture in YUV 4:2:0: three planes without padding. Both sides are even."""

    def __init__(self, width: int, height: int, planes: list[bytes]) -> None:
        self.width = width
        self.height = height
        self.planes = planes

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def plane_size(self, index: int) -> tuple[int, int]:
        return (self.width, self.height) if index == 0 else (self.width // 2, self.height // 2)

    @property
    def contrast(self) -> float:
        """The standard deviation of the brightness, from 0 to 127."""
        return statistics.pstdev(self.planes[0][::29])

    def rotated(self, degrees: int) -> "Picture":
        """Turns the picture counterclockwise by a multiple of 90 degrees."""
        turned = self
        for _ in range(round(degrees / 90) % 4):
            turned = turned._rotated_once()
        return turned

    def _rotated_once(self) -> "Picture":
        planes = []
        for index, plane in enumerate(self.planes):
            width, height = self.plane_size(index)
            rows = [plane[row * width : (row + 1) * width] for row in range(height)]
            planes.append(b"".join(bytes(column) for column in [*zip(*rows, strict=True)][::-1]))
        return Picture(self.height, self.width, planes)


def plane_bytes(plane: Any) -> bytes:
    data, width = bytes(plane), plane.width
    if plane.line_size == width:
        return data[: width * plane.height]
    return b"".join(data[row * plane.line_size : row * plane.line_size + width] for row in range(plane.height))


def fill_plane(plane: Any, data: bytes) -> None:
    padded = b"".join(
        data[row * plane.width : (row + 1) * plane.width].ljust(plane.line_size, b"\0") for row in range(plane.height)
    )
    plane.update(padded.ljust(plane.buffer_size, b"\0"))


def main() -> None:
    import av  # here, so that tests and type checkers can read this module without it

    av.logging.set_level(None)
    set_limits()
    poster = storyboard = b""
    with io.FileIO(0, "rb", closefd=False) as file:
        reader = Reader(av, file)
        try:
            poster, storyboard = reader.read()
        except Unreadable as error:
            reader.facts["error"] = str(error)
    reader.facts |= {"poster_size": len(poster), "storyboard_size": len(storyboard)}
    sys.stdout.buffer.write(json.dumps(reader.facts).encode() + b"\n" + poster + storyboard)


if __name__ == "__main__":
    main()
