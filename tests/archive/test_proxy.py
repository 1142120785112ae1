"""Copies sent by nginx itself through X-Accel-Redirect: the same ranges, ETags and access checks as without it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.tasks.models import Task
from tests.archive.conftest import VIDEO, keep
from tests.content.conftest import Browser, N, Videoed
from tests.content.test_matrix import check, get, rows
from tests.content.test_views import FIELDS
from tests.support.nginx import start_nginx, stop_nginx
from tests.support.programs import program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

# What ops/nginx has for saved copies.
CONFIGURATION = """
daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; sendfile on;
    client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass {server}; proxy_set_header Host $http_host; proxy_http_version 1.1; proxy_buffering off;
        }}
        location /_videos/ {{
            internal;
            alias {data_dir}/videos/;
            etag off;
            add_header ETag $upstream_http_etag;
            add_header Last-Modified $upstream_http_last_modified;
            add_header Content-Security-Policy $upstream_http_content_security_policy;
            add_header Cross-Origin-Resource-Policy $upstream_http_cross_origin_resource_policy;
            add_header Referrer-Policy $upstream_http_referrer_policy;
            add_header X-Content-Type-Options $upstream_http_x_content_type_options;
        }}
    }}
}}
"""


@pytest.fixture
def nginx(server: str, data_dir: Path, tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[str]:
    settings.X_ACCEL = True
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    here = tmp_path_factory.mktemp("nginx")
    written = CONFIGURATION.format(here=here, port=port, server=server, data_dir=data_dir)
    (here / "nginx.conf").write_text(written)
    running = start_nginx(program("nginx"), here, port)
    yield f"http://127.0.0.1:{port}"
    stop_nginx(running)


@pytest.fixture
def client(nginx: str, browser: Browser, alice: User) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=nginx, cookies=browser(alice).cookies, trust_env=False) as client:
        yield client


def seen(client: httpx.Client, video: Task, fields: dict[str, str]) -> httpx.Response:
    answer = get(client, video, fields)
    if answer.status_code == 206:
        # nginx sends the header with a complete file only; with a partial response it is not needed.
        answer.headers.setdefault("Accept-Ranges", "bytes")
    return answer


def test_it_answers_every_range(client: httpx.Client, videoed: Videoed) -> None:
    video = videoed()
    get(client, video, {})
    before = get(client, video, {"Range": "bytes=5-9"}).headers
    keep(video)
    for fields, status, part in rows():
        check(seen(client, video, fields), fields, status, part)
    check(seen(client, video, {"Range": "bytes=5-9", "If-Range": before["ETag"]}), {}, 206, (5, 10))
    check(seen(client, video, {"Range": "bytes=5-9", "If-Range": '"other"'}), {}, 200, (0, N))
    after = seen(client, video, {"Range": "bytes=5-9"}).headers
    assert {name for name in FIELDS if before.get(name) != after.get(name)} <= {"accept-ranges"}


def test_it_gives_nobody_a_video_by_its_path(client: httpx.Client, videoed: Videoed, browser: Browser) -> None:
    video = videoed()
    keep(video)
    assert client.get(f"/_videos/{str(video.pk)[:2]}/{video.pk}").status_code == 404


def test_it_offers_a_download(client: httpx.Client, videoed: Videoed) -> None:
    video: Task = videoed()
    keep(video)
    answer = client.get(f"/tasks/{video.pk}/content?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.content == VIDEO
