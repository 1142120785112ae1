"""What is read from real video files, in this process: facts, posters and storyboards."""

import tempfile
from fractions import Fraction
from typing import Any

import av
import pytest

from dashboard.videos import media_reader
from dashboard.videos.media_reader import FRAMES, Reader, Unreadable
from tests.support.video_files import brightness, encode, moving_square, rotated


def read(content: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        reader = Reader(av, file)
        poster, storyboard = reader.read()
        return reader.facts, poster, storyboard


def test_facts_and_pictures_of_a_usual_video() -> None:
    facts, poster, storyboard = read(encode(size=(640, 360), frames=30, fps=12, sound=True))
    wanted = {"width": 640, "height": 360, "fps": 12.0, "video_codec": "h264", "audio_codec": "aac"}
    assert facts.items() >= wanted.items()
    assert facts["duration"] == pytest.approx(2.5, abs=0.05)
    assert brightness(poster)[:2] == (320, 180) == (facts["picture_width"], facts["picture_height"])
    assert brightness(storyboard)[:2] == (320 * FRAMES, 180)


@pytest.mark.parametrize(
    ("codec", "container", "name"),
    [("libx265", "mp4", "hevc"), ("libvpx-vp9", "webm", "vp9"), ("libvpx", "webm", "vp8"), ("mpeg4", "mp4", "mpeg4")],
)
def test_other_codecs(codec: str, container: str, name: str) -> None:
    facts, poster, storyboard = read(encode(codec, container, options={"x265-params": "log-level=none"}))
    assert (facts["video_codec"], facts["audio_codec"]) == (name, "")
    assert brightness(poster)[:2] == (64, 36)  # never enlarged
    assert storyboard


def test_a_rotated_video_is_read_as_it_is_shown() -> None:
    """The left half is bright, so after a quarter turn clockwise the upper half is."""
    upright = encode(shade=lambda _, column, row: 220 if column < 32 else 20)
    facts, poster, _ = read(rotated(upright))
    width, height, pixels = brightness(poster)
    assert (width, height) == (36, 64) == (facts["width"], facts["height"])
    assert min(pixels[: width * 24]) > 150 > 90 > max(pixels[-width * 24 :])


def test_pixels_that_are_not_square() -> None:
    facts, poster, _ = read(encode(size=(64, 64), pixel_aspect=Fraction(16, 9)))
    assert (facts["width"], facts["height"]) == (114, 64)
    assert brightness(poster)[:2] == (114, 64)


@pytest.mark.parametrize(
    "darkness",
    [
        pytest.param(lambda frame: 0.0 if frame < 6 else 1.0, id="black first"),
        pytest.param(lambda frame: min(1.0, frame / 10), id="fades in"),
    ],
)
def test_the_poster_has_content(darkness: Any) -> None:
    faded = encode(
        size=(64, 64),
        frames=36,
        shade=lambda frame, column, row: int(16 + darkness(frame) * (moving_square(0, column, row) - 16)),
    )
    assert max(brightness(read(faded)[1])[2]) > 150


def test_the_storyboard_covers_the_whole_length() -> None:
    rising = encode(size=(32, 32), frames=110, shade=lambda frame, column, row: 20 + 2 * frame)
    width, height, pixels = brightness(read(rising)[2])
    middle = pixels[(height // 2) * width :][:width]
    shades = [middle[index * 32 + 16] for index in range(FRAMES)]
    assert shades == sorted(shades)
    assert shades[0] < 60
    assert shades[-1] > 190


def test_a_long_video_is_read_by_its_key_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_reader, "DECODED_PIXELS", 0)
    monkeypatch.setattr(media_reader, "COUNTED_SIZE", 0)
    rising = encode(size=(32, 32), frames=110, options={"g": "10"}, shade=lambda frame, column, row: 20 + 2 * frame)
    facts, _, storyboard = read(rising)
    width, _, pixels = brightness(storyboard)
    shades = [pixels[index * 32 + 16] for index in range(FRAMES)]
    assert (width, facts["fps"]) == (32 * FRAMES, 12.0)
    assert shades == sorted(shades)
    assert len(set(shades)) > 8


def test_pictures_are_small_enough_even_of_noise() -> None:
    noise = encode(
        size=(640, 640), frames=12, shade=lambda frame, column, row: hash((frame, column * 7919 + row * 104729)) % 255
    )
    _, poster, storyboard = read(noise)
    assert 0 < len(poster) <= media_reader.POSTER_LIMIT
    assert 0 < len(storyboard) <= media_reader.STORYBOARD_LIMIT


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "in no format"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/\n", "in no format"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(200), "."),
        (encode(size=(64, 64), frames=1)[:100], "."),
    ],
)
def test_what_is_no_video_is_said(content: bytes, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        read(content)


def test_frames_that_are_too_large_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_reader, "MAX_PIXELS", 1_000)
    with pytest.raises(Unreadable, match="frames of 64 x 36 are not decoded"):
        read(encode())


def test_facts_are_kept_without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_reader, "DECODERS", frozenset[str]())
    with tempfile.TemporaryFile() as file:
        file.write(encode())
        file.seek(0)
        reader = Reader(av, file)
        with pytest.raises(Unreadable, match="frames in h264 are not decoded"):
            reader.read()
    assert (reader.facts["width"], reader.facts["video_codec"]) == (64, "h264")
