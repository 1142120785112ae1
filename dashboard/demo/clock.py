"""The gateway's clock, which a test can move forward instead of waiting."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch (`wall`), and seconds since an arbitrary start (`monotonic`)."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._ahead = 0.0

    def wall(self) -> float:
        """Seconds since the epoch."""
        return self._wall() + self._ahead

    def monotonic(self) -> float:
        """Seconds that never go backward."""
        return self._monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        """Moves the clock forward by `seconds`; ignores a negative number."""
        self._ahead += max(0.0, seconds)
