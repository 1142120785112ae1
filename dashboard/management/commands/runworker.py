"""`manage.py runworker poller`: a separate poller, for POLLER=separate. Stops cleanly on SIGTERM and SIGINT."""

import asyncio
import signal
from typing import Any

import uvloop
from channels import layers
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from dashboard import notify
from dashboard.runtime import gc, startup
from dashboard.runtime.jobs import Role
from dashboard.runtime.process import Process


class Command(BaseCommand):
    help = "Asks the gateway for every task that is due, for as long as it runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channels", nargs="+", help="What to work on; there is one thing: poller")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["channels"] != [notify.POLLER]:
            raise CommandError(f"There is one channel to work on: {notify.POLLER}")
        startup.check_keyring()
        layer = layers.get_channel_layer()
        for warning in warnings(
            server_polls=settings.POLLER == "embedded",
            on_sqlite=connection.vendor == "sqlite",
            in_memory=isinstance(layer, layers.InMemoryChannelLayer),
        ):
            self.stderr.write(self.style.WARNING(warning))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._work())

    async def _work(self) -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        process = Process(Role.POLLER)
        await process.start()
        gc.freeze_gc()
        self.stdout.write("polling")
        await stopping.wait()
        await process.stop()


def warnings(*, server_polls: bool, on_sqlite: bool, in_memory: bool) -> list[str]:
    """Returns warnings about settings that don't work well with a separate poller.

    `in_memory` is about the channel layer.
    """
    found = []
    if server_polls:
        found.append("POLLER is not set to separate: the server polls as well. That is safe, and needless.")
    if on_sqlite:
        found.append("The database is SQLite: the server must run on this very machine, over the same DATA_DIR.")
    if in_memory:
        found.append("REDIS_URL is not set: pages hear of changes, and this poller of new tasks, some seconds late.")
    return found
