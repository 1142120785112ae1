"""Share links to a task. Only the hash of a link's token is stored."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard import tokens
from dashboard.tasks import visibility
from dashboard.tasks.models import Task

LINK_LIFE = timedelta(days=7)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def live(self) -> "ShareLinkQuerySet":
        """Returns links that work: not revoked or expired, task not removed, and creator still allowed to share it."""
        # guard: link-ends-with-right-to-share
        by_right = self.filter(visibility.can_edit_q("created_by", "task__owner"))
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return by_right.filter(unexpired, revoked_at=None, task__removed_at=None)  # guard: ended-link-opens-nothing

    def opened_by(self, user_id: int) -> "ShareLinkQuerySet":
        """Returns links that the member has opened with their token."""
        return self.filter(openings__user=user_id)  # guard: link-id-needs-an-opening

    def for_token(self, token: str) -> "ShareLinkQuerySet":
        return self.filter(token_hash=tokens.digest(token))


class ShareLink(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="share_links")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links")
    name = models.CharField(max_length=60, blank=True, default="")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)  # None means never
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)

    objects: ClassVar[ShareLinkQuerySet] = ShareLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "share_link"
        ordering = ("-created_at",)

    @property
    def has_ended(self) -> bool:
        has_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is not None or has_expired

    @property
    def is_live(self) -> bool:
        """Whether the link works. Must match `ShareLinkQuerySet.live`."""
        maker = self.created_by
        may_share = maker.is_active and visibility.can_edit(maker, self.task.owner_id)
        return not self.has_ended and self.task.removed_at is None and may_share


class LinkOpening(models.Model):
    """Records that a member has opened a link: the first and last time, and how often."""

    id = models.BigAutoField(primary_key=True)
    # No index needed: the one of the unique constraint starts with this column.
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="openings", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "share_link_opening"
        ordering = ("-last_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("link", "user"), name="share_link_opening_once_per_member"),
        ]

    def __str__(self) -> str:
        return f"link {self.link_id} opened by {self.user_id}"
