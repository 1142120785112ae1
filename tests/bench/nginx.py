"""nginx on a free port of 127.0.0.1, with one worker, as the peer to compare with."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.engines import NotInstalled
from tests.support.nginx import nginx_path, start_nginx, stop_nginx
from tests.support.ports import free_port

NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

CONFIGURATION = """
{user}
{modules}
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {http}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    {server}
  }}
}}
"""


def has_nchan() -> bool:
    return nginx_path() is not None and NCHAN.exists()


@contextmanager
def running(server: str, *, http: str = "", nchan: bool = False) -> Iterator[int]:
    """Yields its port. `server` and `http` are directives for these blocks. Raises NotInstalled."""
    program = nginx_path()
    if program is None or (nchan and not NCHAN.exists()):
        raise NotInstalled("libnginx-mod-nchan is not installed" if program else "nginx is not installed")
    with tempfile.TemporaryDirectory(prefix="reelboard-nginx-") as folder:
        port = free_port()
        configuration = CONFIGURATION.format(
            user="user root;" if os.geteuid() == 0 else "",
            modules=f"load_module {NCHAN};" if nchan else "",
            folder=folder,
            http=http,
            server=server,
            port=port,
        )
        Path(folder, "nginx.conf").write_text(configuration)
        process = start_nginx(program, Path(folder), port)
        try:
            yield port
        finally:
            stop_nginx(process)
