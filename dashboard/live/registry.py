"""The registry of all open streams of this process. Finds the streams that may see a task."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from dashboard.live.mailbox import Mailbox
from dashboard.live.viewers import StreamViewer
from dashboard.tasks.visibility import can_see_all

MAX_STREAMS_PER_MEMBER = 10  # and the same number again for share links
MAX_STREAMS = 1_500


class TooManyStreams(Exception):
    """Raised if this process doesn't accept any more streams."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The owners whose tasks may be seen by at least one open stream, and the languages of the streams' pages."""

    is_everyone: bool = False
    owners: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset({settings.LANGUAGE_CODE})

    def __bool__(self) -> bool:
        return self.is_everyone or bool(self.owners)

    def includes(self, owner_id: int) -> bool:
        return self.is_everyone or owner_id in self.owners

    def covers(self, other: "Audience") -> bool:
        if not other:
            return True
        includes_owners = self.is_everyone or (not other.is_everyone and other.owners <= self.owners)
        return includes_owners and other.languages <= self.languages


def everyone() -> Audience:
    """Returns the audience that covers any other."""
    return Audience(is_everyone=True, languages=frozenset(code for code, _ in settings.LANGUAGES))


class StreamRegistry:
    """Indexes mailboxes by member, and those that see everything, to find a task's audience without checking each one.

    A dismissed mailbox gets no more events, but counts as open until its stream has ended.
    """

    def __init__(self) -> None:
        self._open: dict[Mailbox, None] = {}
        self._of_member: dict[int, dict[Mailbox, None]] = {}
        self._see_all: dict[Mailbox, None] = {}
        self._by_link: dict[int, dict[Mailbox, None]] = {}
        self._of_task: dict[str, dict[Mailbox, None]] = {}
        self._of_language: dict[str, dict[Mailbox, None]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Mailbox]:
        return iter(tuple(self._open))

    def open(self, viewer: StreamViewer, cursor: int, abort: Callable[[], None]) -> Mailbox:
        """Returns a new mailbox. Ends the member's oldest stream if they have too many. Raises TooManyStreams."""
        if len(self._open) >= MAX_STREAMS:
            raise TooManyStreams
        by_member = self._by_link if viewer.link else self._of_member
        boxes = by_member.get(viewer.pk, {})
        if len(boxes) >= MAX_STREAMS_PER_MEMBER:
            # If it reconnected too soon, it would replace the next one, and so on forever.
            self.dismiss(next(iter(boxes)), random.randint(30_000, 60_000))  # noqa: S311
        box = Mailbox(viewer, cursor, abort)
        self._open[box] = None
        by_member.setdefault(viewer.pk, {})[box] = None
        if viewer.link:
            self._of_task.setdefault(viewer.task_id, {})[box] = None
            return box
        self._of_language.setdefault(viewer.language, {})[box] = None
        if can_see_all(viewer):  # guard: frames-go-to-viewers
            self._see_all[box] = None
        return box

    def dismiss(self, box: Mailbox, retry_ms: int, *, outdated: bool = False) -> None:
        """Ends a stream. Only the close event is still sent."""
        self._take_out(box)
        box.close(retry_ms, outdated=outdated)

    def remove(self, box: Mailbox) -> None:
        """Removes the mailbox of a stream that has ended. Can be called more than once."""
        self._take_out(box)
        self._open.pop(box, None)

    def viewers_of(self, owner_id: int) -> Iterator[Mailbox]:
        """Yields the mailboxes that may see this owner's tasks. Applies `tasks.visibility.can_see` with the indexes."""
        yield from self._of_member.get(owner_id, ())
        for box in self._see_all:
            if box.viewer.pk != owner_id:
                yield box

    def link_viewers_of(self, task_id: str) -> Iterator[Mailbox]:
        """Yields the mailboxes that watch the task through a share link."""
        yield from self._of_task.get(task_id, ())

    @property
    def has_link_viewers(self) -> bool:
        return bool(self._of_task)

    def audience(self) -> Audience:
        owners = frozenset() if self._see_all else frozenset(self._of_member)
        return Audience(bool(self._see_all), owners, frozenset(self._of_language))

    def _take_out(self, box: Mailbox) -> None:
        viewer = box.viewer
        self._see_all.pop(box, None)
        if viewer.link:
            _take_from(self._by_link, viewer.pk, box)
            _take_from(self._of_task, viewer.task_id, box)
        else:
            _take_from(self._of_member, viewer.pk, box)
            _take_from(self._of_language, viewer.language, box)


def _take_from(index: dict[Any, dict[Mailbox, None]], key: object, box: Mailbox) -> None:
    boxes = index.get(key)
    if boxes is not None:
        boxes.pop(box, None)
        if not boxes:
            del index[key]
