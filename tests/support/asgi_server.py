"""A real server in this process: uvicorn on a free port, with the tests' own database."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from django.core.asgi import get_asgi_application

from dashboard.upstream import client


class Application:
    """Django, with a lifespan that closes the gateway's client in the event loop that it belongs to."""

    def __init__(self) -> None:
        self._django = get_asgi_application()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._django(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await client.close_shared()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def serving() -> Iterator[str]:
    """Runs a server and yields its origin. Its event loop, and with it the gateway's client, is new."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Application(), log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        # There is no need to wait for the start: until then, connections queue up in the listening socket.
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=60)
        listener.close()
