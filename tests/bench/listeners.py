"""Many streams in one process that counts their rows: the browsers of `tests.bench.frames`.

Reads `{"port", "cookies", "opened", "languages"}` from its first line, where `opened` marks the end of a stream's first
response; the streams take the languages in turns. Then reads one command per line: `open`, `got <number>` (replies when
every stream has that many rows in total), `late` (replies with the latencies, in ms, since the last `late`), `end`.
"""

import json
import re
import select
import socket
import sys
import threading
import time
from collections import deque

ROW = re.compile(rb'class="title truncate"[^>]*>at([0-9]{19})')  # each row contains the time of its change once
MARK = b'class="title truncate"'  # long, because that is counted faster
LONGEST = 160  # bytes of a match
ACCEPT = "Accept: text/event-stream\r\n"
TIMED = 10  # one of this many streams is timed; with more, this process itself would be the bottleneck


class Listeners:
    def __init__(self, port: int, cookies: list[str], opened: str, languages: list[str]) -> None:
        self._opened = opened.encode()
        self._epoll = select.epoll()
        self._streams: dict[int, socket.socket] = {}
        self._rest: dict[int, bytes] = {}
        self.rows: dict[int, int] = {}
        self.late: deque[float] = deque()
        for index, cookie in enumerate(cookies):
            self._open(port, cookie, languages[index % len(languages)])
        threading.Thread(target=self._listen, daemon=True).start()

    def _open(self, port: int, cookie: str, language: str) -> None:
        stream = socket.create_connection(("127.0.0.1", port), timeout=20)
        target = f"/events?lang={language}"
        stream.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{ACCEPT}Cookie: {cookie}\r\n\r\n".encode())
        received = b""
        while self._opened not in received:
            received += stream.recv(4_096)
            assert received.startswith(b"HTTP/1.1 200 "), received
        stream.setblocking(False)
        number = stream.fileno()
        self._streams[number], self._rest[number], self.rows[number] = stream, b"", 0
        self._epoll.register(number, select.EPOLLIN)

    def _listen(self) -> None:
        while True:
            for number, _ in self._epoll.poll():
                self._read(number)

    def _read(self, number: int) -> None:
        received = self._rest[number] + self._streams[number].recv(262_144)
        if number % TIMED:
            self.rows[number] += received.count(MARK)
            self._rest[number] = received[-len(MARK) + 1 :]
            return
        now = time.time_ns()
        end = 0
        for row in ROW.finditer(received):
            self.rows[number] += 1
            self.late.append((now - int(row[1])) / 1e6)
            end = row.end()
        self._rest[number] = received[max(end, len(received) - LONGEST) :]

    def wait(self, number: int) -> None:
        while min(self.rows.values()) < number:
            time.sleep(0.002)


def main() -> None:
    given = json.loads(sys.stdin.readline())
    listeners = Listeners(given["port"], given["cookies"], given["opened"], given["languages"])
    print("open", flush=True)
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        if command == "got":
            listeners.wait(int(rest))
            print(sum(listeners.rows.values()), flush=True)
        elif command == "late":
            late, listeners.late = listeners.late, deque()
            print(json.dumps([round(one, 1) for one in sorted(late)]), flush=True)
        else:
            return


if __name__ == "__main__":
    main()
