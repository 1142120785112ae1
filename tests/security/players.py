"""Players that stop reading, a video that is larger than every buffer, and the product's own server for it."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.runtime import server as product
from dashboard.tasks.models import Task
from dashboard.videos import files
from tests.support.asgi_server import Application
from tests.support.tasks import store_task

SIZE = 96 * 1024 * 1024  # bytes


@pytest.fixture
def port(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[int]:
    """The product's server in a thread, with its own archive."""
    settings.DATA_DIR = tmp_path
    is_up = threading.Event()
    ports: list[int] = []

    def announce(_: str, port: int) -> None:
        ports.append(port)
        is_up.set()

    running = product.Server(product.config(Application(), "127.0.0.1", 0), announce)
    thread = threading.Thread(target=running.run)
    thread.start()
    assert is_up.wait(30)
    yield ports[0]
    running.should_exit = True
    thread.join(30)


@pytest.fixture
def video(port: int) -> Task:
    """A member's finished task with a saved copy of its video: a sparse file, which takes no space."""
    owner = User.objects.create_user("owner")
    bytes_known = {"size_bytes": SIZE, "content_type": "video/mp4", "content_etag": '"video-1"'}
    ended = {"status": "completed", "finished_at": timezone.now()}
    task = store_task(owner=owner, **ended, **bytes_known, kept_at=timezone.now())
    files.path_of(task.pk).parent.mkdir(parents=True)
    files.path_of(task.pk).touch()
    os.truncate(files.path_of(task.pk), SIZE)
    return task


def cookie_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())


@contextmanager
def player(port: int, user: User, path: str) -> Iterator[socket.socket]:
    """A connection that has read the first bytes of the response, and reads no more unless the test does."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", port))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie_of(user)}\r\n\r\n".encode())
        assert b" 200 OK" in connection.recv(40)
        yield connection


def status_of(port: int, user: User, path: str) -> int:
    """Returns the status of a response that is not read any further."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie_of(user)}\r\n\r\n".encode())
        return int(connection.recv(40).split()[1])


def rest_of(connection: socket.socket) -> int:
    """Returns how many bytes arrive until the connection ends in any way."""
    size = 0
    try:
        while block := connection.recv(1_000_000):
            size += len(block)
    except ConnectionResetError:
        pass
    return size
