"""Finds known secrets in text, in time that doesn't depend on the number of secrets."""

import threading
from typing import Final

from dashboard.logs.encodings import SHORTEST, encodings_of

MASK: Final = "…"
_PER_TAIL: Final = 8  # encodings with the same last characters


class KnownSecrets:
    """A thread-safe set of secrets with all their encodings. Beyond `most` secrets, the oldest is dropped.

    Looks them up by their last characters, because keys from the same gateway may start alike.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._forms: dict[str, frozenset[str]] = {}  # encodings by secret, oldest first
        self._permanent: frozenset[str] = frozenset()  # encodings that are never dropped
        self._by_tail: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def add(self, secret: str, *, permanent: bool = False) -> None:
        """Adds a secret. Ignores texts shorter than `SHORTEST`. Permanent secrets don't count toward `most`."""
        if len(secret) < SHORTEST or (secret in self._forms and not permanent):
            return
        forms = encodings_of(secret)
        with self._lock:
            if permanent:
                self._permanent |= forms
            else:
                self._forms[secret] = forms
            for form in forms:
                self._by_tail[form[-SHORTEST:]] = self._bounded(form, self._by_tail.get(form[-SHORTEST:], ()))
            while len(self._forms) > self._most:
                self._drop(next(iter(self._forms)))

    def _bounded(self, form: str, others: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the encodings with this tail, permanent ones first, then up to `_PER_TAIL` others, newest first."""
        rest = [form, *(other for other in others if other != form)]
        kept = [one for one in rest if one in self._permanent]
        return (*kept, *[one for one in rest if one not in self._permanent][:_PER_TAIL])

    def _drop(self, secret: str) -> None:
        for form in self._forms.pop(secret) - self._permanent:
            tail = form[-SHORTEST:]
            left = tuple(other for other in self._by_tail.get(tail, ()) if other != form)
            if left:
                self._by_tail[tail] = left
            else:
                self._by_tail.pop(tail, None)

    def masked(self, text: str) -> str:
        """Returns `text` with each secret replaced by `MASK`."""
        pieces, done = [], 0
        for start, stop in self._spans(text):
            pieces += [text[done:start], MASK]
            done = stop
        return "".join([*pieces, text[done:]]) if pieces else text

    def held_in(self, text: str) -> set[str]:
        """Returns the secrets in the text, as they appear there."""
        return {text[start:stop] for start, stop in self._spans(text)}

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Returns the start and end of each secret, from left to right. Merges overlapping ones."""
        found: list[tuple[int, int]] = []
        tails = self._by_tail
        for stop in [end for end in range(SHORTEST, len(text) + 1) if text[end - SHORTEST : end] in tails]:
            forms = tails.get(text[stop - SHORTEST : stop], ())
            starts = [stop - len(form) for form in forms if text.endswith(form, 0, stop)]
            if not starts:
                continue
            start = min(starts)
            while found and found[-1][1] > start:
                start = min(start, found.pop()[0])
            found.append((start, stop))
        return found
