"""Compresses pages and static files, where no proxy does it.

Only pages whose only secret is Django's CSRF token, which is masked differently in each response: compression reveals
whether two parts of a page are alike, so a page that shows a link or an invitation is never compressed (the attack is
known as BREACH). Django's middleware adds a random number of bytes against guesses about the rest.
"""

import gzip
from typing import Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# By the names of their URLs.
COMPRESSED: Final = frozenset({"board", "create", "create_models", "removed", "task", "task_player", "task_state"})


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses the responses of COMPRESSED. In a thread: a large page takes milliseconds, and streams would wait."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]  # async in this mode
        if not _is_compressed(request, response):
            return response
        return await sync_to_async(super().process_response, thread_sensitive=False)(request, response)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if _is_compressed(request, response) else response


def _is_compressed(request: HttpRequest, response: HttpResponseBase) -> bool:
    name = request.resolver_match.url_name if request.resolver_match else None
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return name in COMPRESSED and is_page and not response.streaming


_STATIC_TYPES: Final = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
_compressed_files: Final[dict[str, bytes]] = {}  # by path; a file never changes under its version


def is_compressed_file(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this response of a static file is sent compressed: whole, and to a client that takes gzip."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    accepts = "gzip" in request.headers.get("Accept-Encoding", "")
    return request.method == "GET" and response.status_code == 200 and media_type in _STATIC_TYPES and accepts


async def compressed_file(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    body = _compressed_files.get(request.path)
    if body is None:
        content = b"".join([part async for part in response])  # type: ignore[attr-defined]  # servestatic's are asynchronous
        body = await sync_to_async(gzip.compress, thread_sensitive=False)(content, mtime=0)
        _compressed_files[request.path] = body
    return _with_body(response, body)


def _with_body(response: HttpResponseBase, body: bytes) -> HttpResponseBase:
    compressed = HttpResponse(body)
    for name, value in response.headers.items():
        compressed.headers[name] = value
    compressed.headers["Content-Encoding"] = "gzip"
    compressed.headers["Content-Length"] = str(len(body))
    if etag := compressed.headers.get("ETag"):
        compressed.headers["ETag"] = f"W/{etag.removeprefix('W/')}"  # the same content in another encoding
    patch_vary_headers(compressed, ["Accept-Encoding"])
    response.close()
    return compressed
