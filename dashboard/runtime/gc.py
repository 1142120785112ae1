"""Tunes the garbage collector."""

import gc


def freeze_gc() -> None:
    """Excludes all current objects from garbage collection. Call this once everything is loaded.

    A full collection took 45 ms, during which streams stalled. Without them, a poller made 2,020 requests per second
    instead of 1,730.
    """
    gc.collect()
    gc.freeze()
