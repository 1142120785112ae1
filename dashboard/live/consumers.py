"""The live stream of a browser at `/events`, and that of a share link's page at `/s/<token>/events`."""

import asyncio
import logging
import time
from typing import Any
from urllib.parse import parse_qs

from asgiref.typing import HTTPDisconnectEvent, HTTPRequestEvent
from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404
from django.utils.translation import gettext_noop

from dashboard.accounts import sessions
from dashboard.live import sse
from dashboard.live.hub import hub
from dashboard.live.mailbox import Mailbox
from dashboard.live.registry import TooManyStreams
from dashboard.live.replay_queue import TooManyReplays
from dashboard.live.viewers import StreamViewer
from dashboard.logs import access_log
from dashboard.web import server_extension
from dashboard.web.consumer import WITH_BODY, ErrorResponse, GuardedHttpConsumer
from dashboard.web.headers import UNCACHED_FIELDS

UNSENT = 32 * 1024  # bytes that the server buffers for a slow reader before it makes us wait
UNACKNOWLEDGED = 30  # seconds until a vanished browser is dropped; ticks serve as probes
RETRY = 3_000  # milliseconds; for clients that let the browser reconnect
NO_LINK = ErrorResponse(404, gettext_noop("There is no such link, or it has ended."))
SIGNED_OUT = ErrorResponse(401, gettext_noop("Sign in first."))
FULL = ErrorResponse(503, gettext_noop("Too many open streams. Try again in a moment."), ((b"retry-after", b"10"),))
UNREADY = ErrorResponse(503, gettext_noop("Not now. Try again in a moment."), ((b"retry-after", b"5"),))
HEADERS = [
    *UNCACHED_FIELDS,
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # otherwise, nginx would buffer the frames
]

logger = logging.getLogger(__name__)


class TaskStream(GuardedHttpConsumer):
    """Streams events to a browser.

    `http_request` must return, because Channels wouldn't deliver `http.disconnect` while it runs. So a separate asyncio
    task sends the frames from the mailbox that the hub fills.
    """

    _box: Mailbox | None = None
    _request: "asyncio.Task[Any] | None" = None
    _writer: "asyncio.Task[None] | None" = None

    async def http_request(self, message: HTTPRequestEvent) -> None:
        self._request = asyncio.current_task()
        entered = await self._open(has_body=bool(message.get("body") or message.get("more_body")))
        if isinstance(entered, ErrorResponse):
            await self.send_error(entered)
            return
        self._box = entered
        self._call_server("bound", UNSENT, UNACKNOWLEDGED)  # guard: vanished-reader-is-dropped
        await self.send_headers(status=200, headers=HEADERS)
        await self.send_body(sse.retry(RETRY), more_body=True)
        self._writer = asyncio.create_task(self._write(entered))
        self._writer.add_done_callback(self._written)

    async def _open(self, *, has_body: bool) -> Mailbox | ErrorResponse:
        if has_body:
            return WITH_BODY
        key = sessions.session_key_in(self.headers.get("cookie", ""))
        if not key:
            return SIGNED_OUT
        try:
            viewer = await self._look_up(key)
            if viewer is None:
                return SIGNED_OUT
            return hub.subscribe(viewer, self._abort)
        except Http404:
            return NO_LINK
        except TooManyStreams:
            return FULL
        except TooManyReplays as error:
            wait = str(error.retry_after).encode()
            return ErrorResponse(
                429, gettext_noop("Too many streams in a short time. Try again in a moment."), ((b"retry-after", wait),)
            )
        except DatabaseError:
            logger.warning("no stream could be opened: the database does not answer")
            return UNREADY

    async def _look_up(self, key: str) -> StreamViewer | None:
        viewer = await hub.look_up(key, self._language())
        if viewer is not None:
            hub.admit(viewer, self._since())
        return viewer

    async def http_disconnect(self, message: HTTPDisconnectEvent) -> None:
        raise StopConsumer

    def cleanup(self) -> None:
        if self._box is not None:
            hub.unsubscribe(self._box)
            line = access_log.entry_of(self.scope)
            line.user, line.frames = self._box.viewer.pk, self._box.taken
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self, box: Mailbox) -> None:
        await hub.catch_up(box, self._since())
        while not box.is_closed:
            await box.wait()
            chunk = box.take()
            if chunk:
                await self._send_in_time(box, chunk)
        await self._send_in_time(box, box.close_event(), is_last=True)

    async def _send_in_time(self, box: Mailbox, chunk: bytes, *, is_last: bool = False) -> None:
        # Waits while too much data is unsent. The heartbeat uses `sending_since` to end streams that are stuck here.
        box.sending_since = time.monotonic()
        await self.base_send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
        box.sending_since = None
        box.sent_at = time.monotonic()

    def _since(self) -> str:
        """Returns the last cursor that the browser has seen, unparsed, or "" if there is none."""
        return self.headers.get("last-event-id", self._query("since"))

    def _language(self) -> str:
        """Returns the language of the page that opened the stream."""
        language = self._query("lang")
        return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    def _query(self, name: str) -> str:
        query = parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=None)
        return query.get(name, [""])[0]

    def _call_server(self, what: str, *given: int) -> bool:
        """Calls a function of our own server's extension. Returns False if the server doesn't offer it."""
        steer = server_extension.offered(self.scope, what)
        if steer is not None:
            steer(*given)
        return steer is not None

    def _abort(self) -> None:
        """Drops the connection immediately. Closing it would wait until the client has read all unsent bytes."""
        if not self._call_server("abort") and self._request is not None:
            self._request.cancel()

    def _written(self, writer: "asyncio.Task[None]") -> None:
        if not writer.cancelled() and writer.exception() is not None:
            logger.error("a live stream broke off", exc_info=writer.exception())
            self._abort()


class LinkStream(TaskStream):
    """Streams only the fact that a share link's task has changed. The page then requests what it may show."""

    async def _look_up(self, key: str) -> StreamViewer | None:
        route: Any = self.scope
        return await hub.look_up_link(key, route["url_route"]["kwargs"]["token"])
