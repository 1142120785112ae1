"""The ASGI application: the live stream and the poller are consumers, everything else is Django.

Its lifespan runs what lives beside the requests: the doorbell, the hub of the live streams and, with
POLLER=embedded, the poller.
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django_application = get_asgi_application()

from channels.routing import ChannelNameRouter, ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from dashboard import notify  # noqa: E402
from dashboard.live.consumers import TaskStream  # noqa: E402
from dashboard.logs.access_log import RequestLogMiddleware  # noqa: E402
from dashboard.polling.consumers import Poller  # noqa: E402
from dashboard.runtime.lifespan import Lifespan  # noqa: E402
from dashboard.web.body_limit import BodyLimitMiddleware  # noqa: E402
from dashboard.web.headers import SecurityHeaders  # noqa: E402

stream: Any = TaskStream.as_asgi()  # the types of `path` know of views only
pages: Any = django_application
routes: list[Any] = [path("events", stream), re_path(r"", pages)]
router: Any = URLRouter(routes)
application = ProtocolTypeRouter(
    {
        "http": RequestLogMiddleware(SecurityHeaders(BodyLimitMiddleware(router)), behind_proxy=settings.BEHIND_TLS),
        "channel": ChannelNameRouter({notify.POLLER_CHANNEL: Poller.as_asgi()}),
        "lifespan": Lifespan(Poller.as_asgi()),
    }
)
