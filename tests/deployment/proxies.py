"""A real nginx with the configuration of ops/nginx, on free ports of 127.0.0.1, with its own certificate."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.nginx import start_nginx, stop_nginx
from tests.support.ports import free_port
from tests.support.processes import ROOT
from tests.support.programs import program


def certificate(folder: Path) -> None:
    """Creates a self-signed certificate for localhost."""
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    command = [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(command, check=True, capture_output=True)


class Nginx:
    """Created before the servers behind it, because they have to know its URL."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.folder = folder
        self.data_dir = data_dir
        self.user = "root"  # of the workers, if the tests run as root: other users may not read the tests' files
        self.changes: dict[str, str] = {}  # to the sample configuration; each old text occurs once in it
        self.port = free_port()
        self.plain_port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        certificate(folder)
        self.trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def access_log(self) -> str:
        return (self.folder / "access.log").read_text()

    def start(self, server_port: int, other_port: int = 0, *, static: bool = False) -> None:
        """Starts it in front of one or two servers. `static`: with the optional block that serves static files."""
        ports = (server_port, other_port or server_port)
        site = self._changed((ROOT / "ops/nginx/reelboard.conf").read_text(), ports)
        if static:
            site = re.sub(r"^    #((?:    | *location|})[^\n]*)$", r"    \1", site, flags=re.M)
        (self.folder / "reelboard.conf").write_text(site)
        main = (ROOT / "ops/nginx/nginx.conf").read_text()
        places = "".join(f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy"))
        main = replaced(main, "/etc/nginx/conf.d/reelboard.conf", f"{self.folder}/reelboard.conf")
        main = replaced(main, "http {", "http { " + places)
        main = replaced(main, "/run/nginx.pid", f"{self.folder}/pid")
        main = replaced(main, "/var/log/nginx/", f"{self.folder}/")
        (self.folder / "nginx.conf").write_text(main)
        self._run()

    @contextmanager
    def connection(self, name: str = "localhost", trust: ssl.SSLContext | None = None) -> Iterator[ssl.SSLSocket]:
        """Opens a TLS connection, for requests that no HTTP client would send."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        with plain, (trust or self.trust).wrap_socket(plain, server_hostname=name) as connection:
            yield connection

    def browser(self) -> httpx.Client:
        """Returns a client; the caller closes it."""
        return httpx.Client(base_url=self.url, verify=self.trust, timeout=60)

    def close(self) -> None:
        if self.process is not None:
            stop_nginx(self.process)

    def _changed(self, site: str, ports: tuple[int, int]) -> str:
        for number, port in enumerate(ports, 1):
            site = replaced(site, f"server server{number}:8000", f"server 127.0.0.1:{port}")
        site = replaced(site, "listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl", times=2)
        for old, new in self.changes.items():
            site = replaced(site, old, new)
        site = replaced(site, "listen 80", f"listen 127.0.0.1:{self.plain_port}")
        site = replaced(site, "reelboard.example.com", "localhost", times=3)
        site = replaced(site, "/etc/nginx/tls/", f"{self.folder}/", times=2)
        site = replaced(site, "/data/", f"{self.data_dir}/", times=3)
        return site.replace("/var/log/nginx/", f"{self.folder}/")

    def _run(self) -> None:
        directives = f"daemon off; user {self.user};" if Path("/proc/self").stat().st_uid == 0 else "daemon off;"
        self.process = start_nginx(program("nginx"), self.folder, self.port, "-g", directives)


def replaced(text: str, old: str, new: str, times: int = 1) -> str:
    assert text.count(old) == times, f"{old!r} stands there {text.count(old)} times"
    return text.replace(old, new)
