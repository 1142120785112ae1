"""One row per finished video: wanted, kept, or given up. The row comes before the file and goes after it.

So a file without a row is always rubbish, and a row without a task is a file to be removed.
"""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from dashboard.tasks.models import Task


class VideoCopyQuerySet(models.QuerySet["VideoCopy"]):
    def due(self, now: datetime) -> "VideoCopyQuerySet":
        """To be fetched, or looked after, and not in the hands of a living archiver; longest waiting first."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, next_try_at__lte=now, task__isnull=False).order_by("next_try_at")

    def orphaned(self) -> "VideoCopyQuerySet":
        """Of tasks that were deleted."""
        return self.filter(task=None)

    def held(self, copy: "VideoCopy") -> "VideoCopyQuerySet":
        """The fencing predicate: the row, if the claim that `copy` came from still holds it."""
        return self.filter(pk=copy.pk, lease_token=copy.lease_token)

    def occupied(self) -> int:
        """Bytes kept, and bytes promised to videos that are being fetched."""
        return self.filter(size__isnull=False).aggregate(total=models.Sum("size"))["total"] or 0


class VideoCopy(models.Model):
    class State(models.TextChoices):
        WANTED = "wanted"
        KEPT = "kept"
        GIVEN_UP = "given_up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # the task's, and the file's name
    task = models.OneToOneField(Task, null=True, on_delete=models.SET_NULL, related_name="film_copy")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WANTED)
    size = models.BigIntegerField(null=True, blank=True)  # bytes; while it is fetched, what was told or counted
    sha256 = models.CharField(max_length=64, blank=True)  # set once a whole file is safely on disk
    media_type = models.CharField(max_length=40, blank=True)
    etag = models.CharField(max_length=200, blank=True)  # under which these very bytes are played
    created_at = models.DateTimeField(default=timezone.now)
    stored_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # when the file was last read whole, and was right
    tries = models.PositiveIntegerField(default=0)  # that failed, in a row
    error = models.CharField(max_length=300, blank=True)  # of the last one
    next_try_at = models.DateTimeField(null=True, blank=True)  # of a kept one: when it is read whole again
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)

    objects: ClassVar[VideoCopyQuerySet] = VideoCopyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "film_copy"
        indexes: ClassVar = [
            # VideoCopyQuerySet.due: what an archiver claims next.
            models.Index(fields=("next_try_at",), condition=Q(next_try_at__isnull=False), name="film_copy_due"),
            # VideoCopyQuerySet.occupied: the index alone answers it.
            models.Index(fields=("size",), condition=Q(size__isnull=False), name="film_copy_size"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
