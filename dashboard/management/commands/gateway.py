"""`manage.py gateway`: runs only the demo gateway, on its own port."""

import asyncio
import signal
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from dashboard.demo import http_servers, video_files
from dashboard.demo.signed_url import Signer
from dashboard.demo.state import State


def key_and_owner(text: str) -> tuple[str, str]:
    """Splits `SECRET=OWNER` at the last `=`."""
    secret, _, owner = text.rpartition("=")
    if not secret or not owner:
        raise ArgumentTypeError("write it as SECRET=OWNER")
    return secret, owner


class Command(BaseCommand):
    """Creates missing videos, starts serving, and prints a line that scripts can parse."""

    help = "Run the demo gateway: the video API in all its dialects, with videos."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100, help="0 takes a free one")
        parser.add_argument("--files-port", type=int, default=8101, help="where result urls point; 0 takes a free one")
        parser.add_argument("--files-url", default="", help="what result urls start with, if clients need another name")
        parser.add_argument("--videos", type=Path, default=settings.DATA_DIR / "videos", help="made there if missing")
        parser.add_argument("--key", type=key_and_owner, action="append", default=[], metavar="SECRET=OWNER")
        parser.add_argument("--pace", type=float, default=1.0, help="scales how long tasks take")
        parser.add_argument("--url-life", type=float, default=120.0, help="seconds until a result url expires")

    def handle(self, *args: Any, **options: Any) -> None:
        video_files.make_all(options["videos"])
        state = State(options["videos"], Signer(options["url_life"]), keys=dict(options["key"]), pace=options["pace"])
        places = {name: options[name] for name in ("host", "port", "files_port", "files_url")}
        asyncio.run(self.serve(state, **places))

    async def serve(self, state: State, *, host: str, port: int, files_port: int, files_url: str) -> None:
        """Serves until SIGINT or SIGTERM."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with http_servers.running(state, host=host, port=port, files_port=files_port, files_url=files_url) as at:
            self.stdout.write(f"gateway ready {at.url} files {at.files_url}")
            self.stdout.flush()
            await stop.wait()
