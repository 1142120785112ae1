"""What a video's file says about itself, as stored with the video. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

Support = Literal["all", "some", "none", ""]
PictureKind = Literal["poster", "storyboard"]

LONGEST_TEXT: Final = 40  # characters
LONGEST_ERROR: Final = 200
MAX_SIDE: Final = 65_536  # pixels
MAX_SECONDS: Final = 10_000_000.0
MAX_FPS: Final = 1_000.0
MAX_PICTURE: Final = 100_000  # bytes
# Name, RFC 6381 codecs parameter, and which current browsers decode it.
_CODECS: Final[Mapping[str, tuple[str, str, Support]]] = {
    "h264": ("H.264", "avc1.640028", "all"),
    "vp8": ("VP8", "vp8", "all"),
    "vp9": ("VP9", "vp09.00.40.08", "all"),
    "av1": ("AV1", "av01.0.08M.08", "some"),
    "hevc": ("HEVC", "hvc1.1.6.L120.B0", "some"),
    "theora": ("Theora", "theora", "none"),
    "mpeg4": ("MPEG-4", "mp4v.20.9", "none"),
    "prores": ("ProRes", "apcn", "none"),
    "mjpeg": ("Motion JPEG", "mjpeg", "none"),
}
# Names of pixel formats that browsers' H.264 decoders take; others have 10 bits, or more colors.
_COMMON_FORMATS: Final = frozenset({"yuv420p", "yuvj420p", ""})


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts of a file. `width` and `height` are what players show, after rotation; `duration` is in seconds.

    `picture_width` and `picture_height` are those of the poster and of each of the storyboard's frames. `error` says in
    English why there are no pictures. Unknown facts are None or empty.
    """

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    video_codec: str = ""
    profile: str = ""
    pixel_format: str = ""
    audio_codec: str = ""
    picture_width: int | None = None
    picture_height: int | None = None
    poster_size: int | None = None  # bytes; None if there is no poster
    storyboard_size: int | None = None
    error: str = ""

    @classmethod
    def from_json(cls, given: object) -> "MediaInfo":
        """Accepts any JSON value: a file's reader may send anything. Values of the wrong type or range are dropped."""
        known = given if isinstance(given, dict) else {}
        return cls(**{field.name: _checked(field.name, known.get(field.name)) for field in fields(cls)})

    def to_json(self) -> dict[str, Any]:
        """Returns the facts that are known; never empty, so that it differs from a file that hasn't been read."""
        known = {field.name: value for field in fields(self) if (value := getattr(self, field.name))}
        return known or {"error": "nothing is known"}

    def picture_size(self, kind: PictureKind) -> int | None:
        """Returns the bytes of that picture; None if there is none."""
        return self.poster_size if kind == "poster" else self.storyboard_size

    @property
    def codec_name(self) -> str:
        """For example `HEVC`, or `H.264 (High 10)` if only its profile keeps browsers from decoding it."""
        if self.video_codec == "h264" and self.support == "none":
            return f"H.264 ({self.profile})" if self.profile else "H.264"
        return _CODECS[self.video_codec][0] if self.video_codec in _CODECS else self.video_codec.upper()

    @property
    def codec_type(self) -> str:
        """A media type for `canPlayType`, for example `video/mp4; codecs="hvc1.1.6.L120.B0"`; empty if unknown."""
        if self.video_codec not in _CODECS:
            return ""
        if self.support == "none" and self.video_codec == "h264":
            return 'video/mp4; codecs="avc1.6E0028"'  # High 10
        container = "video/webm" if self.video_codec in ("vp8", "theora") else "video/mp4"
        return f'{container}; codecs="{_CODECS[self.video_codec][1]}"'

    @property
    def support(self) -> Support:
        """Which current browsers decode it; empty if unknown."""
        if self.video_codec == "h264" and self.pixel_format not in _COMMON_FORMATS:
            return "none"
        return _CODECS[self.video_codec][2] if self.video_codec in _CODECS else ""


_TEXTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("video_codec", "profile", "pixel_format", "audio_codec"), LONGEST_TEXT),
    "error": LONGEST_ERROR,
}
_AMOUNTS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("width", "height", "picture_width", "picture_height"), MAX_SIDE),
    **dict.fromkeys(("poster_size", "storyboard_size"), MAX_PICTURE),
    "duration": MAX_SECONDS,
    "fps": MAX_FPS,
}
_FRACTIONS: Final = frozenset({"duration", "fps"})


def _checked(name: str, value: object) -> Any:
    if name in _TEXTS:
        return "".join(filter(str.isprintable, value))[: _TEXTS[name]] if isinstance(value, str) else ""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _AMOUNTS[name]:
        return None
    return float(value) if name in _FRACTIONS else int(value)
