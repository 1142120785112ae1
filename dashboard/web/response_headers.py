"""The headers that protect a browser, for every answer of the server that has not set one by itself.

Pages set theirs in Django's middleware, videos and streams where they are made. This is what stands behind all of them:
files, refusals, errors, and whatever is added later.
"""

from collections.abc import Awaitable
from typing import Final

from django.conf import settings

from dashboard.logs.access_log import Application, Message, Receive, Send

Fields = tuple[tuple[bytes, bytes], ...]

ALWAYS: Final[Fields] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
BROKEN: Final = b"Something went wrong on our side.\n"


def transport_security() -> Fields:
    """What Django's SecurityMiddleware says; nothing where browsers do not come through TLS."""
    if not settings.SECURE_HSTS_SECONDS:
        return ()
    words = f"max-age={settings.SECURE_HSTS_SECONDS}"
    words += "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    words += "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    return ((b"strict-transport-security", words.encode()),)


class SecurityHeaders:
    """An ASGI application around another: adds what its answers lack, and answers where it broke before it did."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._over_tls = (*ALWAYS, *transport_security())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fields = self._over_tls if scope.get("scheme") == "https" else ALWAYS
        has_begun = False

        def adding(message: Message) -> Awaitable[None]:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message = {**message, "headers": completed(message.get("headers", ()), fields)}
            return send(message)

        try:
            await self._application(scope, receive, adding)
        except Exception:
            if not has_begun:
                await _tell_that_it_broke(adding)
            raise


def completed(given: "list[tuple[bytes, bytes]] | Fields", fields: Fields) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in given}
    return [*given, *(field for field in fields if field[0] not in names)]


async def _tell_that_it_broke(send: Send) -> None:
    told = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(BROKEN)).encode())]
    fields = [*told, (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 500, "headers": fields})
    await send({"type": "http.response.body", "body": BROKEN})
