"""An API key of the gateway, as we keep it: sealed, with what we know of whether it works."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.keys import usage

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.accounts.models import User


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, user: "User") -> "ApiKeyQuerySet":
        """A member's own keys; for an admin everybody's. Nobody sees a secret."""
        return self.all() if user.is_admin else self.filter(owner=user)

    def unrevoked(self) -> "ApiKeyQuerySet":
        """Those that there is still something to do with."""
        return self.filter(revoked_at=None)

    def usable(self) -> "ApiKeyQuerySet":
        """What may be used now. A refused key is among them: it may work again."""
        return self.filter(usage.usable())

    def likeliest_first(self) -> "ApiKeyQuerySet":
        """Refused ones last: the first one is what a form offers."""
        refused = models.Case(models.When(state="refused", then=1), default=0)
        return self.order_by(refused, "label", "created_at")

    def stored(self) -> "ApiKeyQuerySet":
        """Those whose secret is still here: a revoked one's is not."""
        return self.exclude(sealed=b"")

    def with_counts(self) -> "ApiKeyQuerySet":
        """Adds `in_flight`: tasks that still need the key."""
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
    replaced_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ApiKeyQuerySet] = ApiKeyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "api_key"
        ordering = ("label", "created_at")
        constraints: ClassVar = [
            # One live key per label and member: labels are how people tell keys apart in the forms.
            models.UniqueConstraint(
                fields=("owner", "label"), condition=models.Q(revoked_at=None), name="api_key_label_per_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} (…{self.last_four})"

    @property
    def is_slowed(self) -> bool:
        return self.backoff_until is not None and self.backoff_until > timezone.now()

    @property
    def slowed_until(self) -> "datetime | None":
        return self.backoff_until if self.is_slowed else None
