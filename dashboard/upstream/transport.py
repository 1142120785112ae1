"""httpx over aiohttp, whose pool survives canceled requests. The guard is part of the connector."""

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping

import aiohttp
import httpx
import yarl
from aiohttp.abc import AbstractResolver
from django.utils.translation import gettext_noop
from httpx_aiohttp import AiohttpTransport

from dashboard.upstream.errors import BlockedAddress
from dashboard.upstream.guard import Guard, GuardedResolver

BUFFER = 256 * 1024  # bytes: the largest chunk; up to twice as much is read ahead
_CONNECTIONS = 512
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Reelboard"}


class RequestSender:
    """Sends single requests through a transport.

    Doesn't handle cookies (one member's cookie must not be sent with another member's request), redirects, proxy
    variables or timeouts.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        content: AsyncIterable[bytes] | None = None,
    ) -> httpx.Response:
        """Returns the response before its body is read. The caller must close it. Raises httpx.HTTPError."""
        request = httpx.Request(method, url, headers=_HEADERS | dict(headers), content=content)
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


def redirect_target(response: httpx.Response) -> httpx.URL | None:
    """Returns the target of a redirect, None if it isn't one. Raises httpx.RemoteProtocolError for an invalid URL."""
    if not response.has_redirect_location:
        return None
    try:
        target = httpx.URL(response.headers["Location"])
        return target if target.is_absolute_url else response.request.url.join(target)  # a signed URL must not change
    except (httpx.InvalidURL, ValueError) as error:
        raise httpx.RemoteProtocolError(f"Invalid address in Location: {error}", request=response.request) from error


class GuardedTransport(AiohttpTransport):
    """Sends requests. Unlike the base class, it sends signed URLs byte for byte, and yields large chunks."""

    def __init__(self, guard: Guard, resolver: AbstractResolver | None, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False, client=self._open_session)
        self._guard = guard
        self._resolver = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request and returns the response before its body is read."""
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        url = yarl.URL(str(request.url), encoded=True)
        # The connector parses the URL by itself: it must get the same host that was checked.
        if url.raw_host is None or url.raw_host.lower() != request.url.raw_host.decode().strip("[]"):
            raise BlockedAddress(gettext_noop("An address that can be read in two ways is not followed."))
        self._guard.check_host(url.raw_host, url.port or 0)
        try:
            response = await self._send(self.client, request, url)
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Stream(response), request=request)

    async def _send(
        self, session: aiohttp.ClientSession, request: httpx.Request, url: yarl.URL
    ) -> aiohttp.ClientResponse:
        return await session.request(
            request.method,
            url,
            # Not through httpx's mapping, which takes as long as the rest of the call.
            headers=[(name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw],
            data=request.stream if request.headers.get("Content-Length") else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )

    def _open_session(self) -> aiohttp.ClientSession:
        resolver = GuardedResolver(self._guard, self._resolver or aiohttp.ThreadedResolver())
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, ssl=self.ssl_context, limit=_CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=BUFFER,
        )


class _Stream(httpx.AsyncByteStream):
    """A body as it arrives from the socket."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await self._response.content.read(BUFFER):
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        """Releases the connection; closes it immediately if the body was not read to the end."""
        self._response.release()
