"""A real nginx as a child process."""

import shutil
import socket
import subprocess
from pathlib import Path

from tests.support import wait

START = 10.0  # seconds


def start_nginx(program: str, folder: Path, port: int, *options: str) -> "subprocess.Popen[bytes]":
    """Runs `folder`/nginx.conf and returns once the port accepts connections. Its output is in `folder`/output."""
    said = folder / "output"
    with said.open("wb") as output:
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        process = subprocess.Popen([*command, *options], stdout=output, stderr=subprocess.STDOUT)

    def is_up() -> bool:
        assert process.poll() is None, words()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def words() -> str:
        errors = folder / "error.log"
        return said.read_text() + (errors.read_text() if errors.exists() else "")

    wait.until(is_up, START, output=words)
    return process


def stop_nginx(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(timeout=60)


def nginx_path() -> str | None:
    """Returns where nginx is installed; Debian puts it where not every PATH looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
