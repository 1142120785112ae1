"""Opens a video: follows redirects and JSON from `/content` or a URL to a body, and checks every hop."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Final

import httpx
from django.utils.translation import gettext_noop

from dashboard.upstream import answers, http_exchange, status_errors
from dashboard.upstream.errors import InvalidResponse, NotVideo, TimedOut, Unavailable
from dashboard.upstream.file_signatures import HEAD, looks_like_video
from dashboard.upstream.guard import Guard, origin_of
from dashboard.upstream.pace import Pace
from dashboard.upstream.secret import Secret
from dashboard.upstream.transport import RequestSender, redirect_target
from dashboard.upstream.video_body import Body

MAX_REDIRECTS: Final = 3  # redirects, and JSON with the URL of the video
_BODIES: Final = frozenset({200, 206, 304, 416})
_PART: Final = re.compile(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15})")
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class _Hop:
    """One request of a chain. Once the key is dropped, no later request has it."""

    url: httpx.URL
    secret: Secret | None
    conditions: Mapping[str, str]


class VideoFetcher:
    """Opens videos of one gateway. Only the gateway's origin may receive a key."""

    def __init__(self, client: RequestSender, guard: Guard, origin: tuple[str, str, int], pace: Pace) -> None:
        self._client = client
        self._guard = guard
        self._origin = origin
        self._pace = pace

    @asynccontextmanager
    async def open(self, url: str, secret: Secret | None, conditions: Mapping[str, str]) -> AsyncIterator[Body]:
        """Yields a body, and closes it with its connection. Raises the errors of `status_errors.content_error`."""
        try:
            async with asyncio.timeout(self._pace.first):
                response = await self.follow_redirects(_Hop(parse_url(url), secret, conditions))
        except TimeoutError as error:
            raise TimedOut(gettext_noop("The video did not begin in time.")) from error
        try:
            yield Body(response, pace=self._pace)
        finally:
            await response.aclose()

    async def follow_redirects(self, step: _Hop) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            if step.secret and origin_of(step.url) != self._origin:  # guard: key-stays-at-gateway-for-content
                step = replace(step, secret=None)
            self._guard.check(step.url)
            response = await self._request(step)
            try:
                following = await self._follow(response, step)
            except BaseException:
                await response.aclose()
                raise
            if following is None:
                return response
            await response.aclose()
            step = following
        raise InvalidResponse(gettext_noop("The way to this video has too many redirects."))

    async def _request(self, step: _Hop) -> httpx.Response:
        headers = dict(step.conditions)
        if step.secret:
            headers["Authorization"] = f"Bearer {step.secret.reveal()}"
        with translate_errors(gettext_noop("The video's server could not be reached.")):
            return await self._client.send("GET", step.url, headers)

    async def _follow(self, response: httpx.Response, step: _Hop) -> _Hop | None:
        """Returns the next hop, or None if the response is the video. Raises for everything else."""
        status = response.status_code
        with translate_errors(gettext_noop("The video's server could not be reached.")):
            target = redirect_target(response)
        if target is not None:
            return replace(step, url=target)
        if status in {200, 206} and _is_json(response) and not await self._is_video(response):
            return await self._follow_json(response, step)
        if status not in _BODIES:
            raise status_errors.content_error(await self._read(response, step.secret), step.secret)
        if status in {200, 206}:
            await self._check_kind(response)
        return None

    async def _is_video(self, response: httpx.Response) -> bool:
        """Returns whether the body is a video, judging by its first bytes, not by its content type.

        A part from the middle doesn't have those; then the total size must be larger than any JSON.
        """
        if not http_exchange.is_identity(response):
            return False
        place = _PART.fullmatch(response.headers.get("content-range", ""))
        if response.status_code == 206 and place and int(place[1]) > 0:
            return int(place[2]) > http_exchange.RAW_LIMIT
        with translate_errors(gettext_noop("The connection to the video broke.")):
            return looks_like_video(await http_exchange.peek(response, HEAD)) is not None

    async def _follow_json(self, response: httpx.Response, step: _Hop) -> _Hop:
        if response.status_code == 206:  # a part of a JSON document is useless
            await response.aclose()
            response = await self._request(replace(step, conditions={}))
        try:
            exchange = await self._read(response, step.secret)
        finally:
            await response.aclose()
        document = exchange.document_or_none()
        url = answers.video_url(document) if isinstance(document, Mapping) else None
        if url is None:
            raise NotVideo(gettext_noop("JSON came in place of a video."), exchange.raw)
        return replace(step, url=parse_url(url), secret=None)

    async def _read(self, response: httpx.Response, secret: Secret | None) -> http_exchange.Exchange:
        with translate_errors(gettext_noop("The connection to the video broke.")):
            return await http_exchange.read(response, secret, limit=http_exchange.RAW_LIMIT)

    async def _check_kind(self, response: httpx.Response) -> None:
        if not http_exchange.is_identity(response):
            raise NotVideo(gettext_noop("The video came compressed, which was not asked for."))
        if http_exchange.media_type(response) in _PAGES and not await self._is_video(response):
            raise NotVideo(gettext_noop("A web page came in place of a video."))


def parse_url(url: str) -> httpx.URL:
    """Parses a URL. Raises InvalidResponse if it is malformed."""
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise InvalidResponse(gettext_noop("An address in the gateway's answer cannot be read.")) from error


@contextmanager
def translate_errors(message: str) -> Iterator[None]:
    """Translates httpx's errors to Unavailable."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(message) from error


def _is_json(response: httpx.Response) -> bool:
    kind = http_exchange.media_type(response)
    return kind == "application/json" or kind.endswith("+json")
