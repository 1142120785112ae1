"""Small real video files of many kinds, and ways to damage them."""

import io
import random
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer

Shade = Callable[[int, int, int], int]  # frame, column, row -> brightness, 0..255


def moving_square(frame: int, column: int, row: int) -> int:
    return 220 if (column // 8 + row // 8 + frame) % 3 == 0 else 40


def encode(
    codec: str = "libx264",
    container: str = "mp4",
    *,
    size: tuple[int, int] = (64, 36),
    frames: int = 12,
    fps: int = 12,
    shade: Shade = moving_square,
    pixel_format: str = "yuv420p",
    pixel_aspect: Fraction = Fraction(1),  # immutable
    sound: bool = False,
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
) -> bytes:
    """Returns a file whose frames have the brightness of `shade`."""
    output = io.BytesIO()
    with av.open(output, "w", format=container, options=muxing or {}) as file:
        stream: Any = file.add_stream(codec, rate=fps, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        audio = file.add_stream("aac", rate=8_000, layout="mono") if sound else None
        for index in range(frames):
            file.mux(stream.encode(_frame(index, size, shade, pixel_format)))
        file.mux(stream.encode(None))
        if audio is not None:
            silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            silence.sample_rate, silence.pts = 8_000, 0
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            file.mux([*audio.encode(silence), *audio.encode(None)])
    return output.getvalue()


def _frame(index: int, size: tuple[int, int], shade: Shade, pixel_format: str) -> av.VideoFrame:
    frame = av.VideoFrame(*size, "yuv420p")
    luma, *chroma = frame.planes
    rows = [bytes(shade(index, column, row) for column in range(size[0])) for row in range(size[1])]
    luma.update(b"".join(row.ljust(luma.line_size, b"\0") for row in rows).ljust(luma.buffer_size, b"\0"))
    for plane in chroma:
        plane.update(b"\x80" * plane.buffer_size)
    frame = frame.reformat(format=pixel_format) if pixel_format != "yuv420p" else frame
    frame.pts, frame.time_base = index, Fraction(1, 12)
    return frame


def rotated(mp4: bytes, matrix: tuple[int, int, int, int] = (0, 1, -1, 0)) -> bytes:
    """Changes the display matrix of the first track, as phones do."""
    a, b, c, d = (part * 0x10000 for part in matrix)
    at = mp4.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    return mp4[:at] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000) + mp4[at + 36 :]


def brightness(webp: bytes) -> tuple[int, int, list[int]]:
    """Decodes a picture. Returns its width, its height, and the brightness of its pixels, row by row."""
    with av.open(io.BytesIO(webp), format="webp_pipe") as file:
        assert isinstance(file, InputContainer)
        frame = next(file.decode(video=0)).reformat(format="gray")
    plane = frame.planes[0]
    data = bytes(plane)
    rows = [data[row * plane.line_size : row * plane.line_size + frame.width] for row in range(frame.height)]
    return frame.width, frame.height, [value for row in rows for value in row]


def damaged(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yields damaged files without end, each with the kind of its damage. The same seed yields the same files."""
    rng = random.Random(seed)
    good = [encode(), encode("libvpx-vp9", "webm"), encode(muxing={"movflags": "frag_keyframe+empty_moov"})]
    kinds = (_truncated, _with_flipped_bits, _with_changed_header, _renamed, _nested, _huge, _endless, _without_length)
    while True:
        for kind in kinds:
            yield kind.__name__.strip("_"), kind(rng.choice(good), rng)


def _truncated(file: bytes, rng: random.Random) -> bytes:
    return file[: rng.randrange(len(file))]


def _with_flipped_bits(file: bytes, rng: random.Random) -> bytes:
    changed = bytearray(file)
    for _ in range(rng.choice((1, 5, 50, 500))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _with_changed_header(file: bytes, rng: random.Random) -> bytes:
    """Changes numbers where the index is, so that the file is still taken for a video."""
    changed = bytearray(file)
    start = max(file.find(b"moov"), 40)
    for _ in range(rng.choice((1, 3, 20))):
        at = rng.randrange(start, min(len(changed), start + 800) - 4)
        changed[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", rng.randbytes(4)))
    return bytes(changed)


def _renamed(_: bytes, rng: random.Random) -> bytes:
    return rng.choice((
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"\x00\x00\x00\x18ftypisom" + rng.randbytes(2_000),
        b"\x1a\x45\xdf\xa3" + rng.randbytes(2_000),
        b"\x89PNG\r\n\x1a\n" + rng.randbytes(500),
        b"",
    ))  # fmt: skip


def _nested(file: bytes, rng: random.Random) -> bytes:
    """Boxes in boxes in boxes."""
    depth = rng.choice((100, 2_000))
    content = b""
    for _ in range(depth):
        content = struct.pack(">I4s", len(content) + 8, rng.choice((b"moov", b"trak", b"udta", b"meta"))) + content
    return file[: file.find(b"moov") - 4 if b"moov" in file else 40] + content


def _huge(_: bytes, rng: random.Random) -> bytes:
    """The index says that frames are 16,384 pixels wide and high."""
    mp4 = bytearray(encode(frames=1))
    at = mp4.index(b"avc1", mp4.index(b"stsd")) + 4 + 24
    mp4[at : at + 4] = struct.pack(">HH", 16_384, 16_384)
    return bytes(mp4)


def _endless(_: bytes, rng: random.Random) -> bytes:
    """The index says that one frame is shown for ten hours or more."""
    mp4 = bytearray(encode(frames=1))
    at = mp4.index(b"stts") + 4 + 4 + 4 + 4
    mp4[at : at + 4] = struct.pack(">I", rng.choice((36_000 * 12_288, 0x7FFFFFFF)))
    at = mp4.index(b"mvhd") + 4 + 4 + 8 + 4
    mp4[at : at + 4] = struct.pack(">I", 36_000 * 1_000)
    return bytes(mp4)


def _without_length(_: bytes, rng: random.Random) -> bytes:
    """The index says that everything takes no time."""
    mp4 = bytearray(encode(frames=2))
    for name, offset in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24), (b"stts", 16)):
        at = mp4.index(name) + offset
        mp4[at : at + 4] = b"\0\0\0\0"
    return bytes(mp4)
