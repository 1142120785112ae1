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

    # Failed sign-ins from before count no more. In the database, as each server may have counted for itself.
    unlocked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        db_table = "member"

    @property
    def is_admin(self) -> bool:
        return self.is_staff

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Neither used, revoked nor expired, made by somebody who is still an admin: else an admin who was let go
        would come back through one that they kept for themselves."""
        by_admin = self.filter(created_by__is_active=True, created_by__is_staff=True)
        return by_admin.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

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
