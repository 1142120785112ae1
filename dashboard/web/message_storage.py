"""Stores messages like Django's fallback storage, but with our own cookie name.

A HEAD request leaves the messages for the next page, because nobody sees its response.
"""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http.response import HttpResponseBase


class NamedCookieStorage(CookieStorage):
    cookie_name = settings.MESSAGES_COOKIE_NAME


class MessageStorage(FallbackStorage):
    storage_classes = (NamedCookieStorage, SessionStorage)

    def update(self, response: HttpResponseBase) -> list[Any] | None:
        if self.request.method == "HEAD":
            return []
        return super().update(response)
