"""The gateway client: every request to the gateway, and to the URLs in its answers."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

import httpx
from aiohttp.abc import AbstractResolver
from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from dashboard import failpoints
from dashboard.upstream import answers, created_tasks, credentials, http_exchange, model_list, status_errors
from dashboard.upstream.answers import Answer
from dashboard.upstream.apis import PATHS, Api
from dashboard.upstream.errors import (
    InvalidResponse,
    Misconfigured,
    NotVideo,
    RawAnswer,
    SubmissionUncertain,
    TaskNotFound,
    TimedOut,
    Unavailable,
    UpstreamError,
)
from dashboard.upstream.fetcher import MAX_REDIRECTS, VideoFetcher, translate_errors
from dashboard.upstream.guard import Guard, HostPort, origin_of, port_of
from dashboard.upstream.http_exchange import Exchange
from dashboard.upstream.inline_stream import InlineStream
from dashboard.upstream.json_body import JsonBody
from dashboard.upstream.pace import Pace
from dashboard.upstream.secret import Secret
from dashboard.upstream.transport import GuardedTransport, RequestSender, redirect_target
from dashboard.upstream.video_body import Body

_UPLOAD_PACE: Final = 1_000_000.0  # bytes per second: the slowest upload that the timeout of a large request allows
_RETRY_API: Final = 600.0  # seconds until an API that the gateway lacks is tried again
_NO_TASK: Final = "reelboard-checks-this-key"
_ID_LIMIT: Final = 512
INLINE_PACE: Final = Pace(first=60.0)  # other videos may precede the wanted one


@dataclass(frozen=True, slots=True)
class Reply:
    """A valid answer, the response it was parsed from, and the API that returned it."""

    answer: Answer
    raw: RawAnswer
    api: Api = Api.VIDEOS


class Client:
    """A client for one gateway, with one connection pool for the API and one for videos. Belongs to one event loop.

    Timeouts in seconds: `total` for a whole API call, `idle` between two chunks of a video, `first_byte` until a video
    begins. `slow_window` is how many seconds of waiting a video has to average at least 8 kB/s.
    """

    def __init__(
        self,
        base_url: str,
        *,
        allowed_private_hosts: Collection[HostPort] = (),
        resolver: AbstractResolver | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        total: float = 20.0,
        idle: float = 30.0,
        first_byte: float = 15.0,
        slow_window: float = 60.0,
    ) -> None:
        base = httpx.URL(base_url)
        if base.scheme not in {"http", "https"} or not base.host:
            raise ValueError("the gateway's address is http:// or https:// and a host")
        # SDKs expect a base URL that ends with the version, but our paths already begin with it.
        self._base = base_url.rstrip("/").removesuffix("/v1").removesuffix("/api/v3")
        self._origin = origin_of(base)
        self._total = total
        self._routes: dict[tuple[Api, str], tuple[str, ...]] = {}  # by API and method; what worked last is first
        self._missing_until: dict[Api, float] = {}  # in the event loop's time
        guard = Guard({*allowed_private_hosts, (base.host, port_of(base))})
        tls = httpx.create_ssl_context()
        self._api = RequestSender(transport or GuardedTransport(guard, resolver, tls))
        self._content = RequestSender(transport or GuardedTransport(guard, resolver, tls))
        pace = Pace(first=first_byte, idle=idle, window=slow_window)
        self._fetcher = VideoFetcher(self._content, guard, self._origin, pace)

    async def retrieve(self, task_id: str, secret: Secret, *, api: Api = Api.VIDEOS) -> Reply:
        """Returns the task's state. Tries the other API if the gateway does not know the task under this one.

        Raises any UpstreamError except those of creating. None of them ends the task.
        """
        segment = quote(valid_task_id(task_id), safe="")
        try:
            async with asyncio.timeout(self._total) as deadline:
                exchange = await self._over_routes(api, "GET", secret, segment, deadline=deadline)
                failure = status_errors.retrieve_error(exchange, secret)
                if isinstance(failure, TaskNotFound | Misconfigured) and self._may_have(api.other):
                    elsewhere = await self._over_routes(api.other, "GET", secret, segment, deadline=deadline)
                    if self._knows_task(api.other, elsewhere, secret, task_id.strip()):
                        exchange, failure, api = elsewhere, None, api.other
        except TimeoutError as error:
            raise TimedOut(gettext_noop("The gateway didn't respond in time.")) from error
        except httpx.HTTPError as error:
            raise Unavailable(gettext_noop("The gateway couldn't be reached.")) from error
        if failure:
            raise failure
        base = self._base
        reply = _read_reply(exchange, secret, base, asked_for=task_id.strip())  # guard: answer-is-about-task-asked-for
        return replace(reply, api=api)

    def _may_have(self, api: Api) -> bool:
        return self._missing_until.get(api, 0.0) <= asyncio.get_running_loop().time()

    def _knows_task(self, api: Api, exchange: Exchange, secret: Secret, task_id: str) -> bool:
        if exchange.is_html or status_errors.lacks_route(exchange):
            self._missing_until[api] = asyncio.get_running_loop().time() + _RETRY_API
            return False
        if exchange.status != 200 or status_errors.retrieve_error(exchange, secret):
            return False
        try:
            _read_reply(exchange, secret, self._base, asked_for=task_id)
        except UpstreamError:
            return False  # the "not found" of the first API is the clearer error
        return True

    async def create(self, payload: Mapping[str, object], secret: Secret, api: Api = Api.VIDEOS) -> Reply:
        """Starts a task and returns a reply whose answer has the task ID. Never retries. `payload` may contain DataUrl.

        Nothing was started if it raises Rejected, KeyRefused, RateLimited, Misconfigured or Unavailable (no connection
        was made, or it broke before the whole request was sent). On SubmissionUncertain it may have been.
        """
        body = JsonBody(payload)
        try:
            async with asyncio.timeout(self._total + body.length / _UPLOAD_PACE):
                exchange = await self._over_routes(api, "POST", secret, "", body)
        except httpx.ConnectError as error:
            raise Unavailable(gettext_noop("The gateway couldn't be reached; nothing was started.")) from error
        except (TimeoutError, httpx.HTTPError) as error:
            if not body.is_sent:  # an incomplete document starts nothing
                raise Unavailable(gettext_noop("The connection broke off before the request was sent.")) from error
            raise SubmissionUncertain(gettext_noop("There was no response. The task may have been started.")) from error
        if failure := status_errors.create_error(exchange, secret):
            raise failure
        return replace(_read_created(exchange, secret), api=api)

    async def check(self, secret: Secret) -> None:
        """Returns if the gateway accepts the key. Raises KeyRefused if not, another UpstreamError if unclear."""
        try:
            await self.retrieve(_NO_TASK, secret)
        except TaskNotFound:
            return
        except InvalidResponse as error:
            # A gateway that rejects the made-up task ID has already checked the key.
            if error.raw is None or error.raw.status not in {400, 422}:
                raise

    async def models(self, secret: Secret, *, total: float = 5.0) -> list[str]:
        """IDs of the models that the key may use; empty if the gateway has no such list. `total`: seconds.

        Raises KeyRefused, RateLimited, Unavailable.
        """
        try:
            async with asyncio.timeout(total) as deadline:
                exchange = await self._exchange("GET", self._url(model_list.PATH, ""), secret, None, deadline)
        except TimeoutError as error:
            raise TimedOut(gettext_noop("The gateway didn't respond in time.")) from error
        except httpx.HTTPError as error:
            raise Unavailable(gettext_noop("The gateway couldn't be reached.")) from error
        failure = status_errors.retrieve_error(exchange, secret)
        if failure and not isinstance(failure, TaskNotFound | InvalidResponse | Misconfigured):
            raise failure
        return [] if failure else model_list.model_ids(exchange.document_or_none())

    def open_content(
        self,
        task_id: str,
        secret: Secret,
        *,
        range_header: str | None = None,
        if_range: str | None = None,
    ) -> AbstractAsyncContextManager[Body]:
        """Opens the gateway's `/content` and follows redirects. The key is sent to the gateway only."""
        url = f"{self._base}/v1/videos/{quote(valid_task_id(task_id), safe='')}/content"
        return self._fetcher.open(url, secret, _conditions(range_header, if_range))

    def open_url(
        self, url: str, *, range_header: str | None = None, if_range: str | None = None
    ) -> AbstractAsyncContextManager[Body]:
        """Opens the video at a URL from an answer, without a key."""
        return self._fetcher.open(url, None, _conditions(range_header, if_range))

    @asynccontextmanager
    async def open_inline(
        self,
        task_id: str,
        secret: Secret,
        index: int,
        *,
        api: Api = Api.VIDEOS,
        range_header: str | None = None,
        if_range: str | None = None,
    ) -> AsyncIterator[Body]:
        """Opens a video that is embedded in the task's answer. `index` counts from 1.

        Always yields the whole video; a range is ignored.
        """
        segment = quote(valid_task_id(task_id), safe="")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {secret.reveal()}"}
        async with AsyncExitStack() as opened:
            for route in self._routes.get((api, "GET"), PATHS[api]):
                with translate_errors(gettext_noop("The gateway couldn't be reached.")):
                    response = await self._content.send("GET", self._url(route, segment), headers)
                opened.push_async_callback(response.aclose)
                if response.status_code == 200 and http_exchange.is_identity(response):
                    stream = InlineStream(http_exchange.raw_chunks(response), index)
                    body = httpx.Response(200, headers={"Transfer-Encoding": "chunked"}, stream=stream)
                    yield Body(body, pace=INLINE_PACE)
                    return
            exchange = await http_exchange.read(response, secret)
            raise status_errors.retrieve_error(exchange, secret) or NotVideo(
                gettext_noop("The answer has no video inside.")
            )

    async def aclose(self) -> None:
        """Closes both pools."""
        await self._api.aclose()
        await self._content.aclose()

    async def _over_routes(
        self,
        api: Api,
        method: str,
        secret: Secret,
        segment: str,
        body: JsonBody | None = None,
        deadline: asyncio.Timeout | None = None,
    ) -> Exchange:
        """Sends the request to the path that last worked, then to the other ones if that path seems to be missing."""
        known, *others = self._routes.get((api, method), PATHS[api])
        first = await self._exchange(method, self._url(known, segment), secret, body, deadline)
        if first.status not in {404, 405} or (method == "POST" and not status_errors.lacks_route(first)):
            return first
        for other in others:
            second = await self._exchange(method, self._url(other, segment), secret, body, deadline)
            if second.status < 300 and not second.is_html:
                self._routes[api, method] = (other, known)
            first = _more_specific(first, second)
        return first

    def _url(self, route: str, segment: str) -> httpx.URL:
        return httpx.URL(f"{self._base}{route}/{segment}" if segment else f"{self._base}{route}")

    async def _exchange(
        self, method: str, url: httpx.URL, secret: Secret, body: JsonBody | None, deadline: asyncio.Timeout | None
    ) -> Exchange:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {secret.reveal()}"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(body.length)}
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._api.send(method, url, headers, body)
            failpoints.hit("headers_in")
            try:
                target = redirect_target(response)
                if target is None:
                    return await http_exchange.read(response, secret, deadline=deadline)
                url = self._redirected(response, target)
            finally:
                await response.aclose()
        raise Misconfigured(gettext_noop("The gateway's address redirects in circles."))

    def _redirected(self, response: httpx.Response, target: httpx.URL) -> httpx.URL:
        """Returns the target. Raises Misconfigured if it leaves the origin, or would turn a POST into a GET."""
        if origin_of(target) != self._origin:  # guard: key-stays-at-gateway-for-calls
            raise Misconfigured(gettext_noop("The gateway's address redirects elsewhere. Is it right?"))
        if response.request.method == "POST" and response.status_code not in {307, 308}:
            raise Misconfigured(
                gettext_noop("The gateway redirects where it should start a task. Is its address right?")
            )
        return target


def _more_specific(first: Exchange, second: Exchange) -> Exchange:
    """Returns the more telling of two responses, the first of which is a 404 or 405.

    Prefers a response about the task, then one about the gateway's health.
    """
    if second.status < 400:
        return first if second.is_html or second.status >= 300 else second
    if second.status in {408, 425, 429} or second.status >= 500:
        return second
    return second if status_errors.lacks_route(first) else first


def _read_reply(exchange: Exchange, secret: Secret, base_url: str = "", *, asked_for: str | None) -> Reply:
    document = exchange.document()
    try:
        answer = answers.parse(document, asked_for=asked_for, base_url=base_url)
    except InvalidResponse as error:
        raise InvalidResponse(error.message, exchange.raw) from error
    if answer.status is None and (answers.says_missing(document) or answer.says_not_found):
        raise TaskNotFound(gettext_noop("The gateway doesn't know this task, or no longer has it."), exchange.raw)
    if asked_for is not None and not answer.has_state:
        raise status_errors.stateless_error(exchange, secret)
    return Reply(_redacted(secret, answer), exchange.raw)


def _read_created(exchange: Exchange, secret: Secret) -> Reply:
    document = exchange.document_or_none()
    if created_tasks.refusal(document) is not None and not created_tasks.states_a_task(document):
        raise status_errors.no_id_error(exchange, secret)
    try:
        task_id, *more = map(valid_task_id, created_tasks.created_ids(document) or [""])
    except ValueError as error:
        raise status_errors.no_id_error(exchange, secret) from error
    try:
        answer = answers.parse(document)
    except InvalidResponse:
        answer = Answer()
    return Reply(_redacted(secret, replace(answer, task_id=task_id, more_task_ids=tuple(more))), exchange.raw)


def _redacted(secret: Secret, answer: Answer) -> Answer:
    return replace(
        answer,
        raw_status=secret.redact(answer.raw_status),
        video_urls=tuple(map(secret.redact, answer.video_urls)),
        format=secret.redact(answer.format),
        error_code=secret.redact(answer.error_code),
        error_message=secret.redact(answer.error_message),
    )


def _conditions(range_header: str | None, if_range: str | None) -> dict[str, str]:
    told = {"range": range_header or "", "if-range": if_range or ""}
    # Values that a header can't carry are ignored, as an invalid Range is (RFC 9110, section 14.2).
    return {name: value for name, value in told.items() if value and value.isascii() and value.isprintable()}


def valid_task_id(text: str) -> str:
    """Returns the ID, which is one path segment, without surrounding whitespace.

    Raises ValueError if it is invalid, with a message that `error_texts.localized` translates.
    """
    found = text.strip()
    if not found:
        raise ValueError(gettext_noop("a task id is empty"))
    if len(found) > _ID_LIMIT:
        raise ValueError(gettext("a task id has at most %(most)s characters") % {"most": _ID_LIMIT})
    if found in {".", ".."}:
        raise ValueError(gettext_noop("a task id is more than dots"))
    if any(character.isspace() for character in found):
        raise ValueError(gettext_noop("a task id has no white space inside"))
    if not found.isprintable():
        raise ValueError(gettext_noop("a task id has no control characters"))
    if credentials.are_in(found):
        raise ValueError(gettext_noop("this looks like an API key, not a task id"))
    return found


_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, Client] = WeakKeyDictionary()


def shared() -> Client:
    """Returns the running event loop's client for the configured gateway. Creates it on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _shared:
        for finished in [other for other in _shared if other.is_closed()]:
            del _shared[finished]
        _shared[loop] = Client(settings.AMUX_BASE_URL, allowed_private_hosts=settings.ALLOWED_PRIVATE_HOSTS)
    return _shared[loop]


async def close_shared() -> None:
    """Closes the running loop's client, if there is one. Used at shutdown and in tests."""
    client = _shared.pop(asyncio.get_running_loop(), None)
    if client:
        await client.aclose()


@asynccontextmanager
async def client_for_call() -> AsyncIterator[Client]:
    """Yields the running loop's client. If the loop has none, creates one and closes it afterwards."""
    if asyncio.get_running_loop() in _shared:
        yield shared()
        return
    try:
        yield shared()
    finally:
        await close_shared()
