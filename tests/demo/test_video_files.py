"""The videos are real, quick to create, and match the catalog."""

from pathlib import Path

import av
import pytest

from dashboard.demo import catalog, timecode, video_files


def test_it_makes_a_video_that_decodes(tmp_path: Path) -> None:
    video = catalog.VIDEOS["short"]
    with av.open(str(video_files.make_one(tmp_path, "short"))) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (video.width, video.height)
        assert stream.average_rate == video.fps
        assert frames == video.seconds * video.fps


def test_it_puts_the_index_first(tmp_path: Path) -> None:
    data = video_files.make_one(tmp_path, "short").read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")


def test_it_makes_a_long_video_with_the_index_last(tmp_path: Path) -> None:
    data = video_files.make_one(tmp_path, "long").read_bytes()
    assert len(data) >= 40_000_000
    assert data.rindex(b"moov") > data.index(b"mdat") + 39_000_000


def test_it_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "short.mp4").write_bytes(b"mine")
    assert video_files.make_one(tmp_path, "short").read_bytes() == b"mine"


def test_it_leaves_nothing_behind_when_making_fails(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        video_files.place(tmp_path / "x.mp4", fail)
    assert list(tmp_path.iterdir()) == []


def test_it_makes_the_same_random_bytes_each_time() -> None:
    data = video_files.random_video()
    assert len(data) == 1_000_003
    assert data[4:8] == b"ftyp"
    assert data == video_files.random_video()


def test_it_offers_every_common_shape_from_4_to_60_seconds() -> None:
    shapes = {round(stream.width / stream.height, 2) for stream in catalog.VIDEOS.values()}
    assert shapes >= {1.78, 0.56, 1.0, 2.33}
    assert {stream.seconds for stream in catalog.VIDEOS.values()} >= {4, 60}


def test_it_picks_the_video_of_the_nearest_shape(tmp_path: Path) -> None:
    for name in ("landscape", "portrait", "square"):
        (tmp_path / f"{name}.mp4").touch()
    assert catalog.closest(tmp_path, 1080, 1920) == "portrait"
    assert catalog.closest(tmp_path, 500, 480) == "square"


def test_it_refuses_a_video_outside_of_its_directory(tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").touch()
    (tmp_path / "videos").mkdir()
    with pytest.raises(LookupError):
        catalog.video_path(tmp_path / "videos", "../secret")


def test_it_draws_a_time_code() -> None:
    assert timecode.time_code(24 * 61 + 5, 24) == "01:01.05"
    plane = bytearray(16 * 12)
    timecode.paint(memoryview(plane), 16, "1", left=2, top=1, cell=1)
    assert bytes(plane[2 * 16 + 2 : 2 * 16 + 9]) == bytes([32, 32, 32, 235, 32, 32, 32])
