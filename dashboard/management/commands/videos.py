"""`manage.py videos pictures`: makes the pictures of copied videos that have none yet."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dashboard.archive.file_reader import FileReader
from dashboard.database import write_transaction
from dashboard.tasks.models import Video


class Command(BaseCommand):
    help = "Works on the copied videos."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="pictures")
        pictures = acts.add_parser("pictures", help="make missing posters and storyboards, as servers do by themselves")
        pictures.add_argument("--retry", action="store_true", help="also try files again that could not be read")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            with write_transaction():
                Video.objects.without_pictures().update(media=None)
        read = asyncio.run(self._read_all())
        failed = Video.objects.without_pictures().count()
        self.stdout.write(f"{read} files read. {failed} copied videos have no pictures because they could not be read.")

    async def _read_all(self) -> int:
        reader, count = FileReader(), 0
        try:
            while await reader.read_next():
                count += 1
        finally:
            await reader.close()
        return count
