"""`manage.py reread [--apply]`: reads the stored answers of all tasks again, and shows or applies the changes."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext

from dashboard.management.operator_language import OperatorCommand
from dashboard.tasks import kept_answers, writes
from dashboard.tasks.answer_fields import Change
from dashboard.tasks.models import Task
from dashboard.templatetags.display import number

SHOWN = ("status", "error_message")


class Command(OperatorCommand):
    help = gettext_noop("Reads the stored answers of all tasks again. Without --apply, only shows what would change.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help=gettext("change the tasks"))

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
        self.stdout.write(_summary(count, is_applied=options["apply"]))


def _summary(count: int, *, is_applied: bool) -> str:
    if is_applied:
        text = ngettext("%(count)s task changed.", "%(count)s tasks changed.", count)
    else:
        text = ngettext(
            "%(count)s task would change (--apply changes it).",
            "%(count)s tasks would change (--apply changes them).",
            count,
        )
    return text % {"count": number(count)}


def _line(task: Task, old: dict[str, object], urls: list[str], change: Change) -> str:
    parts = [f"{name} {old[name]!r} -> {change.fields[name]!r}" for name in SHOWN if name in change.fields]
    if change.video_urls:
        parts.append(f"videos {urls} -> {change.video_urls}")
    return f"{task.pk} {task.upstream_id}: {', '.join(parts) or 'details'}"
