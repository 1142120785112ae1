"""Compresses pages, where no proxy does it.

Only pages whose only secret is Django's CSRF token, which is masked differently in each response: compression reveals
whether two parts of a page are alike, so a page that shows a link or an invitation is never compressed (the attack is
known as BREACH). Django's middleware adds a random number of bytes against guesses about the rest.
"""

from typing import Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

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
