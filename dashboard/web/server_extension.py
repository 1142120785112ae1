"""A non-standard ASGI extension of our own server, for controlling a client's connection.

Other servers don't offer it. There, connections can't be dropped, and stalled clients can't be detected.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

EXTENSION: Final = "reelboard.connection"


def offered(scope: Mapping[str, Any], name: str) -> Callable[..., Any] | None:
    """Returns a function of the extension, or None if the server doesn't offer it.

    - `abort()` drops the connection immediately, along with any unsent bytes.
    - `stalled_for()` returns the seconds since the client last accepted data while bytes are waiting for it.
    - `bound(unsent, unacknowledged)` limits the unsent bytes, and the seconds that sent data may stay unacknowledged.
    """
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    found: Callable[..., Any] | None = extensions.get(EXTENSION, {}).get(name)
    return found
