"""A member of the team, and an invitation to become one."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from dashboard import tokens

INVITATION_LIFE = timedelta(days=7)


class User(AbstractUser):
    """A member; `is_staff` makes an admin."""

    # Set while the account is closed and its keys are still used to watch and copy the tasks that were running.
    finishing_since = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractUser.Meta):
        db_table = "member"

    @property
    def is_admin(self) -> bool:
        return self.is_staff

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unused(self) -> "InvitationQuerySet":
        """Neither used, revoked nor expired. One whose maker is not an admin now rests: it may open again."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def open(self) -> "InvitationQuerySet":
        """Made by somebody who is still an admin, too: else an admin who was let go would come back through one that
        they kept for themselves."""
        return self.unused().filter(created_by__is_active=True, created_by__is_staff=True)

    def for_token(self, token: str) -> "InvitationQuerySet":
        return self.open().filter(token_hash=tokens.digest(token))


class Invitation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=100, blank=True)
    is_admin = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "invitation"
        ordering = ("-created_at",)

    @property
    def rests(self) -> bool:
        """Whoever made it may not invite now: the other half of `InvitationQuerySet.open`."""
        return not (self.created_by.is_active and self.created_by.is_admin)
