"""`manage.py runworker poller`: a separate poller, for POLLER=separate. Stops cleanly on SIGTERM and SIGINT."""

import asyncio
import signal
from typing import Any

import uvloop
from channels import layers
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext, gettext_noop

from dashboard import notify
from dashboard.management.operator_language import ServerCommand, operator_language
from dashboard.runtime import gc, startup
from dashboard.runtime.jobs import Role
from dashboard.runtime.process import Process


class Command(ServerCommand):
    help = gettext_noop("Polls the gateway for every task that is due, until it is stopped.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channels", nargs="+", help=gettext("what to work on: only poller"))

    def handle(self, *args: Any, **options: Any) -> None:
        with operator_language():
            self._check(options["channels"])
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._work())

    def _check(self, channels: list[str]) -> None:
        if channels != [notify.POLLER]:
            raise CommandError(gettext("There is only one channel to work on: %(name)s") % {"name": notify.POLLER})
        startup.check_keyring()
        layer = layers.get_channel_layer()
        for warning in warnings(
            server_polls=settings.POLLER == "embedded",
            on_sqlite=connection.vendor == "sqlite",
            in_memory=isinstance(layer, layers.InMemoryChannelLayer),
        ):
            self.stderr.write(self.style.WARNING(warning))

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
        found.append(gettext("POLLER is not set to separate, so the server polls too. That is safe, but unnecessary."))
    if on_sqlite:
        found.append(gettext("The database is SQLite: the server must run on this machine, with the same DATA_DIR."))
    if in_memory:
        found.append(
            gettext("REDIS_URL is not set: pages show changes, and this poller finds new tasks, a few seconds late.")
        )
    return found
