"""API keys, with their sealed secrets and their health."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.keys import sealing, usage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from dashboard.accounts.models import User


class OwnerFixed(Exception):
    """Raised on an attempt to change a key's owner. Using a key costs its owner money, and it is sealed for them."""


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def update(self, **fields: Any) -> int:
        """Raises OwnerFixed if the owner is among the fields."""
        if fields.keys() & {"owner", "owner_id"}:
            raise OwnerFixed
        return super().update(**fields)

    def bulk_update(self, objs: "Iterable[ApiKey]", fields: "Iterable[str]", batch_size: int | None = None) -> int:
        """Raises OwnerFixed if the owner is among the fields."""
        names = [*fields]
        if {*names} & {"owner", "owner_id"}:
            raise OwnerFixed
        return super().bulk_update(objs, names, batch_size)

    def visible_to(self, user: "User") -> "ApiKeyQuerySet":
        """Returns the member's own keys, or all keys for an admin."""
        return self.all() if user.is_admin else self.filter(owner=user)  # guard: keys-visible-to-owner

    def unrevoked(self) -> "ApiKeyQuerySet":
        """Returns keys that are not revoked."""
        return self.filter(revoked_at=None)

    def usable(self) -> "ApiKeyQuerySet":
        """Returns keys that may be used now. Includes refused keys, because they may work again."""
        return self.filter(usage.usable())

    def best_first(self) -> "ApiKeyQuerySet":
        """Sorts refused keys last, because forms preselect the first key."""
        refused = models.Case(models.When(state="refused", then=1), default=0)
        return self.order_by(refused, "label", "created_at")

    def stored(self) -> "ApiKeyQuerySet":
        """Returns keys whose secret is stored. Revoked keys have none."""
        return self.exclude(sealed=b"")

    def with_unbound_seals(self) -> "ApiKeyQuerySet":
        """Returns keys sealed by an earlier version. Both databases compare binary columns byte by byte."""
        return self.filter(sealed__gte=sealing.UNBOUND, sealed__lt=sealing.BOUND)

    def with_counts(self) -> "ApiKeyQuerySet":
        """Adds `in_flight`, the number of tasks that still need the key."""
        waiting = models.Q(tasks__status__in=("queued", "in_progress"))
        return self.annotate(in_flight=models.Count("tasks", filter=waiting))


class ApiKey(models.Model):
    class State(models.TextChoices):
        UNTESTED = "untested"
        WORKS = "works"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    label = models.CharField(max_length=60)
    sealed = models.BinaryField(default=b"")
    last_four = models.CharField(max_length=4, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNTESTED)
    state_since = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    refusals = models.PositiveSmallIntegerField(default=0)
    refused_first_at = models.DateTimeField(null=True, blank=True)
    backoff_until = models.DateTimeField(null=True, blank=True)
    backoff_step = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    _owner_in_database: int | None = None

    objects: ClassVar[ApiKeyQuerySet] = ApiKeyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "api_key"
        ordering = ("label", "created_at")
        constraints: ClassVar = [
            # Members tell keys apart by their labels, so a member can't have two unrevoked keys with the same label.
            models.UniqueConstraint(
                fields=("owner", "label"), condition=models.Q(revoked_at=None), name="api_key_label_per_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} (…{self.last_four})"

    def save(self, *args: Any, **options: Any) -> None:
        """Raises OwnerFixed if the owner has changed."""
        if self._owner_in_database not in (None, self.owner_id):
            raise OwnerFixed
        super().save(*args, **options)
        self._owner_in_database = self.owner_id

    @classmethod
    def from_db(
        cls, db: str | None, field_names: "Collection[str]", values: "Collection[Any]", **options: Any
    ) -> "ApiKey":
        made = super().from_db(db, field_names, values, **options)
        made._owner_in_database = made.__dict__.get("owner_id")
        return made

    @property
    def is_rate_limited(self) -> bool:
        return self.backoff_until is not None and self.backoff_until > timezone.now()

    @property
    def rate_limited_until(self) -> "datetime | None":
        return self.backoff_until if self.is_rate_limited else None
