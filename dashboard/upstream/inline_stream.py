"""Decodes a video that is embedded in an answer while the answer arrives."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import httpx
from django.utils.translation import gettext_noop

from dashboard.upstream.errors import InvalidResponse, NotVideo
from dashboard.upstream.inline_videos import BrokenVideo, InlineVideos


class InlineStream(httpx.AsyncByteStream):
    """Yields the bytes of the video at `index`, counted from 1. Raises NotVideo if the answer has no such video."""

    def __init__(self, answer: AsyncGenerator[bytes, None], index: int) -> None:
        self._answer = answer
        self._index = index

    async def __aiter__(self) -> AsyncIterator[bytes]:
        videos = InlineVideos(self._index)
        try:
            async with aclosing(self._answer) as answer:
                async for piece in answer:
                    videos.feed(piece)
                    if decoded := videos.take():
                        yield decoded
                    if videos.is_past_wanted:
                        break
            if decoded := videos.take(at_end=True):
                yield decoded
        except BrokenVideo as error:
            raise InvalidResponse(str(error)) from error
        if videos.count < self._index:
            raise NotVideo(gettext_noop("The answer has no such video inside any more."))
        if not videos.is_past_wanted:
            raise InvalidResponse(gettext_noop("The answer ended inside of the video."))

    async def aclose(self) -> None:
        await self._answer.aclose()
