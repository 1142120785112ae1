"""`manage.py videos pictures`: makes the pictures of copied videos that have none yet."""

import asyncio
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext, gettext_noop

from dashboard.archive.file_reader import FileReader
from dashboard.database import write_transaction
from dashboard.management.operator_language import OperatorCommand
from dashboard.tasks.models import Video
from dashboard.templatetags.display import number


class Command(OperatorCommand):
    help = gettext_noop("Manages the saved copies of videos.")

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="pictures")
        pictures = acts.add_parser(
            "pictures", help=gettext("make missing posters and storyboards, as servers do by themselves")
        )
        pictures.add_argument(
            "--retry", action="store_true", help=gettext("also try files again that couldn't be read")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            with write_transaction():
                Video.objects.without_pictures().update(media=None)
        read = asyncio.run(self._read_all())
        failed = Video.objects.without_pictures().count()
        text = gettext("Files read: %(read)s. Saved copies without pictures because they can't be read: %(failed)s.")
        self.stdout.write(text % {"read": number(read), "failed": number(failed)})

    async def _read_all(self) -> int:
        reader, count = FileReader(), 0
        try:
            while await reader.read_next():
                count += 1
        finally:
            await reader.close()
        return count
