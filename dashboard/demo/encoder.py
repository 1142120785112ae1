"""Encodes a video with PyAV: a slow gradient, two moving lights and a timecode, as H.264 in an MP4."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.filter import Graph
from av.filter.context import FilterContext

from dashboard.demo import timecode
from dashboard.demo.catalog import Video

# A gradient is smooth, so it is computed at an eighth of the size. That way, a minute of video takes 4 s.
SHRINK = 8


def encode(video: Video, path: Path) -> None:
    """Writes the video to `path`. Takes about a second per 20 s of video on one slow core."""
    movflags = {"movflags": "+faststart"} if video.index_first else {}
    with av.open(str(path), "w", format="mp4", options=movflags) as container:
        stream = container.add_stream("libx264", rate=video.fps, options=encoder_options(video))
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.thread_count = 2
        for frame in frames(video):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def encoder_options(video: Video) -> dict[str, str]:
    """Returns libx264's options. The encoder pads to a constant rate, which is cheaper than encoding noise."""
    keyframes = {"preset": "ultrafast", "g": str(video.fps * 2)}
    if not video.rate:
        return {**keyframes, "crf": "23"}
    rate = str(video.rate)
    return {
        **keyframes,
        "b": rate,
        "minrate": rate,
        "maxrate": rate,
        "bufsize": rate,
        "nal-hrd": "cbr",
    }


def frames(video: Video) -> Iterator[av.VideoFrame]:
    """Yields every frame of the video, in order, in yuv420p."""
    graph = picture(video)
    cell = max(2, min(video.width, video.height) // 320 * 2)  # even, because chroma has half the resolution
    margin = 6 * cell
    for number in range(video.seconds * video.fps):
        frame = graph.vpull()
        text = timecode.time_code(number, video.fps)
        top = video.height - margin - (timecode.ROWS + 2) * cell
        for plane, write in zip(frame.planes, (timecode.paint, timecode.bleach, timecode.bleach), strict=True):
            write(memoryview(plane), plane.line_size, text, left=margin, top=top, cell=cell)
        frame.pts, frame.time_base = number, Fraction(1, video.fps)
        yield frame


def picture(video: Video) -> Graph:
    """Returns the filter graph that draws the video without its timecode."""
    graph = Graph()
    size, swing = min(video.width, video.height), video.seconds
    scene = chain(graph, background(video), None)
    near = chain(graph, light(size // 2, "255:240:214", video.fps), None)
    far = chain(graph, light(size // 5, "214:234:255", video.fps), None)
    paths = (
        (far, f"(W+w)*mod(t/{swing * 0.75}+0.3,1)-w", "H*0.22+H*0.10*sin(t*0.9)-h/2"),
        (
            near,
            f"W/2+W*0.38*sin(2*PI*t/{swing}+{video.seed})-w/2",
            "H*0.55+H*0.22*cos(t*0.6)-h/2",
        ),
    )
    for lamp, x, y in paths:
        overlay = graph.add("overlay", f"x='{x}':y='{y}':eof_action=repeat:format=yuv420")
        scene.link_to(overlay, 0, 0)
        lamp.link_to(overlay, 0, 1)
        scene = overlay
    chain(graph, ["format=yuv420p", "buffersink"], scene)
    graph.configure()
    return graph


def background(video: Video) -> list[str]:
    """Returns the filters of the moving gradient, computed small and scaled up."""
    colours = ":".join(f"c{index}={colour.replace('#', '0x')}" for index, colour in enumerate(video.colours))
    small = f"{video.width // SHRINK}x{video.height // SHRINK}"
    look = f"speed=0.012:nb_colors={len(video.colours)}:seed={video.seed}:type={video.kind}"
    return [
        f"gradients=s={small}:rate={video.fps}:{look}:{colours}",
        f"scale={video.width}:{video.height}:flags=bilinear",
        "format=yuv420p",
    ]


def light(diameter: int, colour: str, fps: int) -> list[str]:
    """Returns the filters of a round, soft-edged light. One frame of it is drawn and then repeated."""
    red, green, blue = colour.split(":")
    radius = diameter / 2
    glow = f"170*clip(1-(hypot(X-{radius},Y-{radius})/{radius})^3,0,1)"
    return [
        f"color=c=white:s={diameter}x{diameter}:rate={fps}:duration={1 / fps}",
        "format=rgba",
        f"geq=r={red}:g={green}:b={blue}:a='{glow}'",
        "format=yuva420p",
    ]


def chain(graph: Graph, filters: list[str], start: FilterContext | None) -> FilterContext:
    """Adds the filters (`name` or `name=arguments`) one after another, following `start`. Returns the last."""
    last = start
    for text in filters:
        name, _, arguments = text.partition("=")
        added = graph.add(name, arguments) if arguments else graph.add(name)
        if last is not None:
            last.link_to(added)
        last = added
    if last is None:
        raise ValueError("a chain needs at least one filter")
    return last
