"""Ports of 127.0.0.1 that stay free until their program listens."""

import os
import random
import socket
from collections import deque

# Below those that Linux gives to whoever asks for any (net.ipv4.ip_local_port_range): a listener on port 0 or a
# connection going out would take one of these between two lines of a test. The workers of a run share them out.
FIRST, LAST, WORKERS = 12_000, 32_000, 16


# A port may be asked for long before its program listens: whoever asks next gets another one.
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
