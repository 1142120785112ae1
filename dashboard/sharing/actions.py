"""Creates and revokes share links, and records their use."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from dashboard import tokens
from dashboard.accounts.models import User
from dashboard.database import write_transaction
from dashboard.sharing.models import LINK_LIFE, LinkOpening, ShareLink
from dashboard.tasks.models import Task


def share(task: Task, user: User, *, life: timedelta | None = LINK_LIFE, name: str = "") -> tuple[ShareLink, str]:
    """Creates a share link. Returns it with its token; only the token's hash is stored.

    If `life` is None, the link never expires. Raises Task.DoesNotExist if the task was removed, or if the user may no
    longer share it.
    """
    token = tokens.new()
    now = timezone.now()
    with write_transaction():
        Task.objects.not_removed().editable_by(user).for_acts().select_for_update(of=("self",)).get(pk=task.pk)
        link = ShareLink.objects.create(
            task=task,
            created_by=user,
            name=name,
            token_hash=tokens.digest(token),
            created_at=now,
            expires_at=now + life if life else None,
        )
    return link, token


def revoke(link: ShareLink) -> bool:
    """Revokes the share link. Returns False if it was already revoked."""
    with write_transaction():
        return bool(ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()))


def note_use(link: ShareLink, user: User) -> None:
    now = timezone.now()
    with write_transaction():
        if not ShareLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=now):
            return  # deleted in the meantime
        # A member may open the link in two tabs at the same time.
        first = LinkOpening(link=link, user=user, first_at=now, last_at=now, times=0)
        LinkOpening.objects.bulk_create([first], ignore_conflicts=True)
        LinkOpening.objects.filter(link=link, user=user).update(times=F("times") + 1, last_at=now)
