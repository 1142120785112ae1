"""A client's connection, as far as our own server lets an application steer it: what no standard has.

Under another server nothing is offered: nothing can be dropped, and nobody is known to stall.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

EXTENSION: Final = "reelboard.connection"


def offered(scope: Mapping[str, Any], name: str) -> Callable[..., Any] | None:
    """`abort()` drops the connection at once, unsent bytes included; `stalled_for()` gives the seconds since the client
    last took something while bytes wait for it; `bound(unsent, unacknowledged)` limits bytes and seconds."""
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    found: Callable[..., Any] | None = extensions.get(EXTENSION, {}).get(name)
    return found
