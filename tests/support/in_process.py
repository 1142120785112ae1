"""The product's server with the given jobs, in a thread of this process, with the tests' own database."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

from dashboard.live.consumers import LinkStream, TaskStream
from dashboard.runtime import server as product
from dashboard.runtime.jobs import JOBS, JobSpec
from dashboard.runtime.lifespan import Lifespan


@contextmanager
def running_server(jobs: Iterable[JobSpec] = JOBS) -> Iterator[product.Server]:
    stream: Any = TaskStream.as_asgi()
    link_stream: Any = LinkStream.as_asgi()
    routes: list[Any] = [
        path("events", stream),
        path("s/<str:token>/events", link_stream),
        re_path(r"", cast(Any, get_asgi_application())),
    ]
    application = ProtocolTypeRouter({"http": URLRouter(routes), "lifespan": Lifespan(jobs)})
    is_up = threading.Event()
    running = product.Server(product.config(application, "127.0.0.1", 0), lambda host, port: is_up.set())
    thread = threading.Thread(target=running.run)
    thread.start()
    assert is_up.wait(60)
    yield running
    running.should_exit = True
    thread.join(60)
    assert not thread.is_alive()


def port_of(server: product.Server) -> int:
    return cast(int, server.servers[0].sockets[0].getsockname()[1])


@contextmanager
def job_server(jobs: Iterable[JobSpec]) -> Iterator[str]:
    """Runs a server and yields its origin."""
    with running_server(jobs) as server:
        yield f"http://127.0.0.1:{port_of(server)}"
