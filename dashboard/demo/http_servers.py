"""The demo gateway as two servers: the API with its control endpoints, and the files behind signed URLs.

Calls are dispatched on the path as it was sent, because an ID may contain percent-encoded `/`, `+` and `=`.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from dashboard.demo import calls, control
from dashboard.demo.http_writer import Spent
from dashboard.demo.request_log import Entry
from dashboard.demo.state import State

Answering = Callable[[State, web.Request, Entry], Awaitable[web.StreamResponse]]
ROOTS = (["v1", "video", "generations"], ["v1", "videos"])
CONTENT_GENERATION = ["api", "v3", "contents", "generations", "tasks"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running gateway listens: base URLs without a trailing slash."""

    url: str
    files_url: str


def segments(request: web.Request) -> list[str]:
    """Returns the parts of the path as sent, each unquoted."""
    path = request.raw_path.partition("?")[0]
    return [unquote(part) for part in path.split("/")[1:]]


def route(request: web.Request) -> tuple[str, str | None, Answering] | None:
    """Returns the call's name, its task ID and its handler; None if the API has no such path or method."""
    parts, method = segments(request), request.method
    if parts in ROOTS and method == "POST":
        return "create", None, calls.create
    if parts == CONTENT_GENERATION and method == "POST":
        return "create", None, calls.create_from_content
    if parts == ["v1", "models"] and method == "GET":
        return "models", None, calls.models
    if parts[:-1] in (*ROOTS, CONTENT_GENERATION) and method == "GET":
        return "status", parts[-1], calls.status
    if parts[:2] == ROOTS[1] and parts[3:] == ["content"] and method in ("GET", "HEAD"):
        return "content", parts[2], calls.content
    return None


class Gateway:
    """Dispatches requests to `calls` and keeps the request log."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._numbers = itertools.count(1)

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Handles every request on the first port."""
        parts = segments(request)
        if parts[0] == "_demo":
            return await control.handle(self.state, request, parts[1:])
        found = route(request)
        call, task_id, answer = found or ("other", None, other)
        entry = self.entry(request, "api", call, task_id)
        entry.owner = self.state.owner_of(request.headers.get("Authorization"))
        return await self.noted(entry, answer(self.state, request, entry))

    async def files(self, request: web.Request) -> web.StreamResponse:
        """Handles every request on the second port."""
        parts = segments(request)
        if len(parts) != 3 or parts[0] != "files" or request.method not in ("GET", "HEAD"):
            return web.Response(status=404)
        entry = self.entry(request, "files", "file", parts[1])
        video = parts[2].removesuffix(".mp4")
        return await self.noted(entry, calls.file(self.state, request, entry, video))

    def entry(self, request: web.Request, port: str, call: str, task_id: str | None) -> Entry:
        """Returns a new log entry for the request."""
        clock, headers = self.state.clock, request.headers
        return Entry(
            number=next(self._numbers),
            port=port,
            call=call,
            method=request.method,
            path=request.raw_path.partition("?")[0],
            wall=clock.wall(),
            monotonic=clock.monotonic(),
            range=headers.get("Range"),
            if_range=headers.get("If-Range"),
            authorised="Authorization" in headers,
            task=task_id,
        )

    async def noted(self, entry: Entry, answering: Awaitable[web.StreamResponse]) -> web.StreamResponse:
        """Awaits the response, and records the outcome in the request log."""
        self.state.request_log.begin(entry)
        try:
            response = await answering
            if not isinstance(response, Spent):
                entry.status = response.status
            if isinstance(response, web.Response) and isinstance(response.body, bytes):
                entry.sent = len(response.body)
            return response
        except asyncio.CancelledError:
            entry.aborted = True
            raise
        except ConnectionError:
            # A player disconnects at every seek: that is not an error.
            entry.aborted = True
            return Spent()
        finally:
            self.state.request_log.end(entry)


async def other(state: State, request: web.Request, entry: Entry) -> web.StreamResponse:
    """Responds to a path that the API doesn't have."""
    return calls.page(request)


@asynccontextmanager
async def running(
    state: State, *, host: str = "127.0.0.1", port: int = 0, files_port: int = 0, files_url: str = ""
) -> AsyncIterator[Addresses]:
    """Serves on both ports (0 = any free one) until the block ends.

    `files_url` is the base of result URLs, if clients reach the second port under another name.
    """
    gateway = Gateway(state)
    api, files = await started(gateway.api, host, port), await started(gateway.files, host, files_port)
    try:
        addresses = Addresses(base_url(api, host), base_url(files, host))
        state.files_url = files_url or addresses.files_url
        yield addresses
    finally:
        await asyncio.gather(api.cleanup(), files.cleanup())


async def started(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]], host: str, port: int
) -> web.AppRunner:
    """Starts a server with one handler for all requests."""
    application = web.Application(client_max_size=64_000_000)
    application.router.add_route("*", "/{anything:.*}", handler)
    # Cancel the handler when its client disconnects: this ends stalled responses and marks them as aborted in the log.
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=1024).start()
    return runner


def base_url(runner: web.AppRunner, host: str) -> str:
    """Returns the runner's base URL. For a wildcard host it uses 127.0.0.1."""
    address = runner.addresses[0]
    return f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{address[1]}"  # noqa: S104 - only compared
