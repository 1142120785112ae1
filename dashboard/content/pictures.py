"""Responses with the poster or the storyboard of a video, for whoever may see the video."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from dashboard.tasks.media_info import PictureKind
from dashboard.tasks.models import Video
from dashboard.videos import files

YEAR: Final = 31_536_000  # seconds


def respond(request: HttpRequest, video: Video, kind: PictureKind) -> HttpResponseBase:
    """Returns the picture, or 304. Raises Http404 if there is none.

    A URL with the version of the video's file (`?v=`) never gets another picture, so the browser doesn't ask again.
    """
    if not video.media_info.picture_size(kind):
        raise Http404
    try:
        content = files.picture_path(video.pk, kind).read_bytes()
    except OSError as error:
        raise Http404 from error
    etag = f'"{video.media_version}-{kind}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(content, content_type="image/webp")
    response["ETag"] = etag
    is_versioned = request.GET.get("v") == video.media_version
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable" if is_versioned else "private, no-cache"
    return response
