"""Heartbeats of pollers, in the database because that is all that processes share."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

ALIVE = timedelta(seconds=20)
FORGOTTEN = timedelta(days=1)


class PollerHeartbeatQuerySet(models.QuerySet["PollerHeartbeat"]):
    def alive(self, now: datetime) -> "PollerHeartbeatQuerySet":
        return self.filter(at__gt=now - ALIVE)

    def without_figure(self, name: str) -> "PollerHeartbeatQuerySet":
        """Returns the heartbeats of versions that do not report the metric `name` yet."""
        return self.exclude(metrics__has_key=name)


class PollerHeartbeat(models.Model):
    """One row per polling process, refreshed every few seconds."""

    name = models.CharField(primary_key=True, max_length=100)  # host, process ID, random suffix
    started_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now)
    polls = models.BigIntegerField(default=0)  # since the start
    in_flight = models.PositiveIntegerField(default=0)
    metrics = models.JSONField(
        default=dict, db_column="figures"
    )  # for /readyz and /metrics: a separate poller has no port

    objects: ClassVar[PollerHeartbeatQuerySet] = PollerHeartbeatQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "poller_beat"

    def __str__(self) -> str:
        return self.name


def record_heartbeat(
    name: str, now: datetime, *, polls: int, in_flight: int, metrics: Mapping[str, object] | None = None
) -> None:
    values = {"at": now, "polls": polls, "in_flight": in_flight, "metrics": dict(metrics or {})}
    PollerHeartbeat.objects.update_or_create(name=name, defaults=values)
    PollerHeartbeat.objects.filter(at__lt=now - FORGOTTEN).delete()


def remove_heartbeat(name: str) -> None:
    PollerHeartbeat.objects.filter(name=name).delete()
