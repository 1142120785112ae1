"""Ports of 127.0.0.1 that stay free until their program listens."""

import os
import random
import socket
from collections import deque

# Below the range that Linux uses for automatic ports (net.ipv4.ip_local_port_range): a listener on port 0 or an
# outgoing connection could otherwise take one of these in the meantime. The workers of a test run divide the range
# among them.
FIRST, LAST, WORKERS = 12_000, 32_000, 16


# A port may be requested long before its program listens: the next call must return another one.
_recent: deque[int] = deque(maxlen=500)


def free_port() -> int:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % WORKERS
    while True:
        port = random.randrange(FIRST + worker, LAST, WORKERS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if port not in _recent:
            _recent.append(port)
            return port
