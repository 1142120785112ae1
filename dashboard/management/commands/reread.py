"""`manage.py reread [--apply]`: reads the stored answers of all tasks again, and shows or applies the changes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from dashboard.tasks import kept_answers, writes
from dashboard.tasks.answer_fields import Change
from dashboard.tasks.models import Task

SHOWN = ("status", "error_message")


class Command(BaseCommand):
    help = "Reads the kept answers of all tasks again. Without --apply it only shows what would change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="change the tasks")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for task in Task.objects.exclude(raw="").order_by("created_at", "pk").iterator(chunk_size=200):
            change = kept_answers.change_of(task, settings.AMUX_BASE_URL, timezone.now())
            if change is None:
                continue
            old = {name: getattr(task, name) for name in SHOWN}
            urls = task.video_urls()
            if not options["apply"] or writes.apply_change(task, change):
                count += 1
                self.stdout.write(_line(task, old, urls, change))
        verb = "changed" if options["apply"] else "would change (--apply changes them)"
        self.stdout.write(f"{count} {'task' if count == 1 else 'tasks'} {verb}.")


def _line(task: Task, old: dict[str, object], urls: list[str], change: Change) -> str:
    parts = [f"{name} {old[name]!r} -> {change.fields[name]!r}" for name in SHOWN if name in change.fields]
    if change.video_urls:
        parts.append(f"videos {urls} -> {change.video_urls}")
    return f"{task.pk} {task.upstream_id}: {', '.join(parts) or 'details'}"
