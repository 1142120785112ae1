"""The very secrets that are masked wherever they stand, found in time that does not depend on how many there are."""

import threading
from typing import Final

from dashboard.logs.encodings import encodings_of

MASK: Final = "…"
_PER_TAIL: Final = 8  # texts that end alike


class KnownSecrets:
    """A set of secrets with all their encodings. Thread-safe; beyond `most` the one that was added first goes.

    They are looked up by their last `tail` characters: keys of one gateway may well begin alike.
    """

    def __init__(self, *, tail: int, most: int | None = None) -> None:
        self._tail = tail
        self._most = most
        self._forms: dict[str, frozenset[str]] = {}  # by secret, oldest first
        self._by_tail: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        """Has no effect for a text that is shorter than the tails."""
        if secret in self._forms or len(secret) < self._tail:
            return
        forms = frozenset(form for form in encodings_of(secret) if len(form) >= self._tail)
        with self._lock:
            self._forms[secret] = forms
            for form in forms:
                tail = form[-self._tail :]
                others = [other for other in self._by_tail.get(tail, ()) if other != form]
                self._by_tail[tail] = (form, *others[: _PER_TAIL - 1])
            while self._most is not None and len(self._forms) > self._most:
                self._drop(next(iter(self._forms)))

    def _drop(self, secret: str) -> None:
        for form in self._forms.pop(secret):
            tail = form[-self._tail :]
            left = tuple(other for other in self._by_tail.get(tail, ()) if other != form)
            if left:
                self._by_tail[tail] = left
            else:
                self._by_tail.pop(tail, None)

    def masked(self, text: str) -> str:
        """`text` with `MASK` in the place of each."""
        pieces, done = [], 0
        for start, stop in self._spans(text):
            pieces += [text[done:start], MASK]
            done = stop
        return "".join([*pieces, text[done:]]) if pieces else text

    def held_in(self, text: str) -> set[str]:
        """Those that stand in the text, as they stand there."""
        return {text[start:stop] for start, stop in self._spans(text)}

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand, from left to right; those that overlap are one."""
        found: list[tuple[int, int]] = []
        tail, tails = self._tail, self._by_tail
        if not tails:
            return found
        for stop in range(tail, len(text) + 1):
            forms = tails.get(text[stop - tail : stop])
            if forms is None:
                continue
            starts = [stop - len(form) for form in forms if text.endswith(form, 0, stop)]
            if not starts:
                continue
            start = min(starts)
            while found and found[-1][1] > start:
                start = min(start, found.pop()[0])
            found.append((start, stop))
        return found
