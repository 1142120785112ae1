"""The ASGI application. Channels consumers serve the live streams, and Django serves all other requests.

The lifespan runs the jobs of `runtime.jobs`.
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from dashboard.live.consumers import LinkStream, TaskStream  # noqa: E402
from dashboard.logs.access_log import RequestLogMiddleware  # noqa: E402
from dashboard.runtime.lifespan import Lifespan  # noqa: E402
from dashboard.web.body_limit import BodyLimitMiddleware  # noqa: E402
from dashboard.web.headers import SecurityHeaders  # noqa: E402

stream: Any = TaskStream.as_asgi()  # `path` is only typed for views
pages: Any = django_application
link_stream: Any = LinkStream.as_asgi()
routes: list[Any] = [path("events", stream), path("s/<str:token>/events", link_stream), re_path(r"", pages)]
router: Any = URLRouter(routes)
application = ProtocolTypeRouter(
    {
        "http": RequestLogMiddleware(SecurityHeaders(BodyLimitMiddleware(router)), behind_proxy=settings.BEHIND_TLS),
        "lifespan": Lifespan(),
    }
)
