"""One reader of the board who loads it repeatedly with short pauses: `python -m tests.bench.pages PORT COOKIE SECONDS`.

Prints JSON: how many pages, and the milliseconds that half and 95 % of them took at most.
"""

import http.client
import json
import sys
import time

from tests.bench.results import share

REST = 0.1  # seconds


class Reader:
    """One browser's connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookie}

    def ms(self, address: str, *, fragment: bool = False) -> float:
        try:
            return self._ms(address, fragment=fragment)
        except ConnectionError:  # the server closes connections that are idle for 5 s; the next request opens a new one
            self._connection.close()
            return self._ms(address, fragment=fragment)

    def _ms(self, address: str, *, fragment: bool) -> float:
        began = time.monotonic()
        self._connection.request("GET", address, headers=self._headers | ({"HX-Request": "true"} if fragment else {}))
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (answer.status, body[:500])
        return (time.monotonic() - began) * 1_000


def main(port: str, cookie: str, seconds: str) -> None:
    reader, taken = Reader(int(port), cookie), []
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        taken.append(reader.ms("/"))
        time.sleep(REST)
    print(json.dumps({"pages": len(taken), "p50": share(taken, 0.5), "p95": share(taken, 0.95)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
