"""`python -m dashboard.management.demo_launcher`: runs the demo gateway and the dashboard until Ctrl-C.

Each run starts with new tasks, because the gateway doesn't store its tasks. Videos, passwords and secrets are kept.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from dashboard.demo import video_files
from dashboard.management import db_template

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


def main() -> int:
    os.umask(0o077)  # the folder contains passwords and API keys
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var" / "demo").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = os.environ.get("PORT")
    if wanted and not is_free(int(wanted)):
        print(f"Port {wanted} is taken. Leave PORT out to use any free one.", file=sys.stderr)
        return 1
    port = int(wanted) if wanted else free_port(8000)
    if not (folder / "videos").exists():
        print("Making the videos of the demo gateway, once; this takes some seconds ...", flush=True)
    video_files.make_all(folder / "videos")
    made = credentials(folder)
    db_template.lay_out(folder)
    return run(folder, made, port)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(wanted: int) -> int:
    """Returns the wanted port, or the next free one, or any free port."""
    near = next((port for port in range(wanted, wanted + 20) if is_free(port)), None)
    if near is not None:
        return near
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def credentials(folder: Path) -> Mapping[str, str]:
    """Returns the passwords and API keys, which are created once per folder."""
    path = folder / "demo.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(9) for name in ("admin_password", "member_password")}
        made |= {name: f"sk-demo-{secrets.token_hex(16)}" for name in ("admin_key", "member_key", "old_key")}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made, indent=2))
    return dict(json.loads(path.read_text()))


def run(folder: Path, made: Mapping[str, str], port: int) -> int:
    api = free_port(8100)
    files = free_port(api + 1)
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "warning",
        "AMUX_BASE_URL": f"http://{HOST}:{api}",
        "VOLCENGINE_MODELS": "volcengine*",
        "ALLOWED_PRIVATE_HOSTS": f"{HOST}:{files}",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    keys = [f"--key={made['admin_key']}=ada", f"--key={made['member_key']}=max"]
    ports = [f"--port={api}", f"--files-port={files}"]
    gateway = subprocess.Popen([*manage, "gateway", *ports, *keys], env=environment, stdout=subprocess.DEVNULL)
    board = subprocess.Popen([*manage, "demo"], env=environment)

    def stop(signal_number: int, frame: FrameType | None) -> None:
        board.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        return board.wait()
    finally:
        gateway.terminate()
        gateway.wait(10)


if __name__ == "__main__":
    sys.exit(main())
