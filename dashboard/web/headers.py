"""The security headers, defined in one place for all responses of the server.

Pages get them from Django's middleware; videos and streams set them themselves. `SecurityHeaders` wraps all of these
and adds missing headers to any other response, such as files and errors.
"""

from collections.abc import Awaitable, Iterable, Mapping
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_noop

from dashboard.logs.access_log import Application, Message, Receive, Send
from dashboard.web.language import text_for_scope

Fields = tuple[tuple[bytes, bytes], ...]

PAGE_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# A browser that opens a video's URL directly must not execute the content, whatever its type.
VIDEO_POLICY: Final = "default-src 'none'; sandbox"

BASE: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
UNCACHED: Final = {**BASE, "Cache-Control": "no-store"}
# Not cached, so that prompts and labels don't stay on a shared computer.
PAGE: Final = {**UNCACHED, "Content-Security-Policy": PAGE_POLICY}
VIDEO: Final = {**BASE, "Content-Security-Policy": VIDEO_POLICY, "Cache-Control": "private, no-cache"}


def encoded(headers: Mapping[str, str]) -> Fields:
    """Returns the headers in ASGI's format."""
    return tuple((name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items())


def text_fields(body: bytes) -> Fields:
    """Returns the headers of a response with a plain text body."""
    return (b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())


BASE_FIELDS: Final = encoded(BASE)
UNCACHED_FIELDS: Final = encoded(UNCACHED)
ERROR_TEXT: Final = gettext_noop("Something went wrong.")


def transport_security() -> Fields:
    """Returns the same HSTS header as Django's SecurityMiddleware, or () if HSTS is off."""
    if not settings.SECURE_HSTS_SECONDS:
        return ()
    words = f"max-age={settings.SECURE_HSTS_SECONDS}"
    words += "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    words += "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    return ((b"strict-transport-security", words.encode()),)


class SecurityHeaders:
    """ASGI middleware. Adds missing headers to responses. Sends a 500 if the application fails before it responds."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._over_tls = (*BASE_FIELDS, *transport_security())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fields = self._over_tls if scope.get("scheme") == "https" else BASE_FIELDS
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
                await _send_error(scope, adding)
            raise


def completed(given: Iterable[tuple[bytes, bytes]], fields: Fields) -> list[tuple[bytes, bytes]]:
    found = list(given)
    names = {name.lower() for name, _ in found}
    return found + [field for field in fields if field[0] not in names]


async def _send_error(scope: Message, send: Send) -> None:
    body = f"{text_for_scope(ERROR_TEXT, scope)}\n".encode()
    fields = [*text_fields(body), (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 500, "headers": fields})
    await send({"type": "http.response.body", "body": body})
