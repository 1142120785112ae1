"""Finds the URLs of videos in an answer, in any dialect. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from dashboard.upstream import answer_tables, inline_videos, json_objects, values
from dashboard.upstream.answer_tables import normalized
from dashboard.upstream.json_objects import JsonObject
from dashboard.upstream.task_objects import TaskObject

MOST: Final = 10
_PLACES: Final = tuple(normalized(row.name) for row in answer_tables.VIDEO_PLACES)
_ELSE: Final = tuple(normalized(row.name) for row in answer_tables.OLD_VIDEO_PLACES + answer_tables.WATERMARKED_PLACES)
_DEPTH: Final = 8
_MOST_ITEMS: Final = 50
_NEXT_URL: Final = re.compile(r"[,;\s](?=https?://)")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".avif", ".svg", ".bmp", ".heic")


def video_urls(task: TaskObject, *, is_finished: bool, base_url: str = "") -> tuple[str, ...]:
    """Returns at most ten URLs, in the gateway's order, without duplicates. `base_url` completes URLs without a host.

    If the task has not finished, only its own object is read, without nested objects: those may be stale.
    """
    depth = _DEPTH if is_finished else 1
    places = [task.fields, *task.around] if is_finished else [task.fields]
    for names in (_PLACES, _PLACES + _ELSE) if is_finished else (_PLACES,):
        for place in places:
            if found := _without_pictures(_Search(names, base_url).in_object(place, depth)):
                return tuple(dict.fromkeys(found))[:MOST]
    return ()


class _Search:
    def __init__(self, names: tuple[str, ...], base_url: str) -> None:
        self._names = names
        self._base_url = base_url

    def in_object(self, fields: JsonObject, depth: int) -> list[str]:
        """Returns the URLs under the name that leads to the most of them.

        The names of one object may be several ways to refer to one video, or one of them may hold several videos.
        """
        named = json_objects.by_name(fields)
        best: list[str] = []
        if named.keys().isdisjoint(self._names):
            return best
        for name in self._names:
            found = self._in_value(named.get(name), depth - 1) if name in named else []
            if len(found) > len(best):
                best = found
        return best

    def _in_value(self, value: object, depth: int) -> list[str]:
        if depth < 0:
            return []
        if isinstance(value, str):
            return self._in_text(value, depth)
        if isinstance(value, list):
            return [url for item in value[:_MOST_ITEMS] for url in self._in_value(item, depth - 1)]
        return self.in_object(value, depth) if isinstance(value, Mapping) else []

    def _in_text(self, text: str, depth: int) -> list[str]:
        if text.lstrip()[:1] in {"{", "["}:
            return self._in_value(json_objects.in_text(text), depth)
        if inline := inline_videos.address_in(text):
            return [inline]
        urls = (values.http_url(part, self._base_url) for part in _NEXT_URL.split(text.strip()))
        return [url for url in urls if url]


def _without_pictures(urls: list[str]) -> list[str]:
    """Drops the URLs of pictures, unless there are no others."""
    return list(_videos_of(urls)) or urls


def _videos_of(urls: list[str]) -> Iterator[str]:
    for url in urls:
        if not urlsplit(url).path.lower().endswith(_PICTURES):
            yield url
