"""Reads a video as fast as possible, `python -m tests.bench.drain PORT PATH COOKIE`; or many at a slow pace.

Prints JSON: the bytes of the body, and the seconds from the request to the last byte. With `--slow RATE SECONDS` and
one cookie for each reader, each on a separate connection: the bytes that all of them read.
"""

import json
import selectors
import socket
import sys
import time

BUFFER = 1024 * 1024
TINY = 4096


def opened(port: int, path: str, cookie: str, receive: int = 0) -> tuple[socket.socket, int, int]:
    """Returns the connection, the number of body bytes received with the headers, and the length of the body."""
    connection = socket.socket()
    if receive:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", port))
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(TINY)
        assert received, head
        head += received
    head, _, body = head.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    return connection, len(body), int(fields[b"content-length"])


def fast(port: int, path: str, cookie: str) -> dict[str, float]:
    began = time.monotonic()
    connection, got, length = opened(port, path, cookie)
    buffer = bytearray(BUFFER)
    while received := connection.recv_into(buffer):
        got += received
    assert got == length, (got, length)
    return {"bytes": got, "seconds": time.monotonic() - began}


def slow(port: int, path: str, cookies: list[str], rate: int, seconds: float) -> dict[str, float]:
    """Each reader takes a tenth of `rate` ten times a second."""
    readers = selectors.DefaultSelector()
    for cookie in cookies:
        connection, _, _ = opened(port, path, cookie, TINY)
        readers.register(connection, selectors.EVENT_READ)
    got, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        for key, _ in readers.select(0):
            assert isinstance(key.fileobj, socket.socket)
            got += len(key.fileobj.recv(rate // 10))
        time.sleep(0.1)
    return {"bytes": got, "readers": len(cookies)}


def main(words: list[str]) -> None:
    if words[0] == "--slow":
        found = slow(int(words[3]), words[4], words[5:], int(words[1]), float(words[2]))
    else:
        found = fast(int(words[0]), words[1], words[2])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
