"""The same load as `tests.bench.frames` on nginx's nchan module: `python -m tests.bench.nchan`, with the same options.

One worker, an EventSource channel that everybody subscribes to, and a publisher that pipelines its POSTs.
"""

import argparse
import json
import os
import socket
import time
from pathlib import Path

from tests.bench import nginx
from tests.bench.crowd import Crowd, options, row, rss_kb
from tests.support.nginx import START

SERVER = """
location /events {
  nchan_subscriber eventsource;
  nchan_channel_id board;
  nchan_subscriber_first_message newest;
}
location /publish {
  nchan_publisher;
  nchan_channel_id board;
  nchan_message_buffer_length 2000;
}
"""
HTTP = "nchan_shared_memory_size 512M;"


class Publisher:
    def __init__(self, port: int, given: argparse.Namespace) -> None:
        self._given = given
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def one(self, _: int = 0) -> None:
        self._connection.sendall(self._request())
        self._answered(1)

    def all(self) -> float:
        requests = [self._request() for _ in range(self._given.tasks)]
        began = time.monotonic()
        for start in range(0, len(requests), 50):
            some = requests[start : start + 50]
            self._connection.sendall(b"".join(some))
            self._answered(len(some))
        return began

    def _request(self) -> bytes:
        body = row(self._given.row)
        head = b"POST /publish HTTP/1.1\r\nHost: localhost\r\nX-EventSource-Event: task\r\nContent-Length: %d\r\n\r\n"
        return head % len(body) + body

    def _answered(self, number: int) -> None:
        seen = 0
        while seen < number:
            received = self._connection.recv(65_536)
            assert received, "nginx has closed the publisher's connection"
            seen += received.count(b"HTTP/1.1 2")


def worker() -> int:
    """Returns the process ID of nginx's worker, a grandchild."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        for master in children(os.getpid()):
            for found in children(master):
                return found
        time.sleep(0.02)
    raise AssertionError("nginx has no worker")


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def main() -> None:
    given = options(__doc__)
    with nginx.running(SERVER, http=HTTP, nchan=True) as port:
        serving = worker()
        before = rss_kb(serving)
        with Crowd(port, [""] * given.streams, "\r\n\r\n") as crowd:
            publisher = Publisher(port, given)
            found = {"kb_per_stream": round((rss_kb(serving) - before) / given.streams, 1)}
            found |= crowd.at_a_rate(given, publisher.one)
            found |= crowd.at_once(given, publisher.all, serving)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
