"""Creates, uses and revokes invitations; changes members' roles, passwords and account status."""

import logging

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from dashboard import notify, tokens
from dashboard.accounts.models import INVITATION_LIFE, PASSWORD_RESET_LINK_LIFE, Invitation, PasswordResetLink, User
from dashboard.database import write_transaction

logger = logging.getLogger(__name__)


class NameTaken(Exception):
    """Raised if the name was taken in the meantime, or isn't allowed."""


class LastAdmin(Exception):
    """Raised if the change would leave the team without an admin."""


def invite(by: User, note: str, is_admin: bool) -> tuple[Invitation, str]:
    """Creates an invitation. Returns it with its token; only the token's hash is stored."""
    token = tokens.new()
    with write_transaction():
        invitation = Invitation.objects.create(
            token_hash=tokens.digest(token),
            note=note,
            is_admin=is_admin,
            created_by=by,
            expires_at=timezone.now() + INVITATION_LIFE,
        )
    return invitation, token


def join(invitation: Invitation, username: str, password: str) -> User | None:
    """Returns the new member, or None if the invitation is no longer open. Raises NameTaken."""
    try:
        return _join(invitation, username, password)
    except (IntegrityError, ValidationError) as error:
        raise NameTaken(username) from error


def _join(invitation: Invitation, username: str, password: str) -> User | None:
    with write_transaction(), transaction.atomic():
        if not Invitation.objects.open().filter(pk=invitation.pk).update(used_at=timezone.now()):
            return None
        user = User.objects.create_user(username, password=password, is_staff=invitation.is_admin)
        Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
    return user


def revoke_invitation(invitation: Invitation) -> bool:
    with write_transaction():
        return bool(Invitation.objects.unused().filter(pk=invitation.pk).update(revoked_at=timezone.now()))


def set_admin(user: User, is_admin: bool) -> None:
    """Makes the member an admin, or takes the role away.

    Raises LastAdmin, or User.DoesNotExist if the member was deleted.
    """
    with write_transaction():
        if not is_admin:
            _require_another_admin(user)
        if not User.objects.filter(pk=user.pk).update(is_staff=is_admin):
            raise User.DoesNotExist


def set_active(user: User, is_active: bool, *, finish: bool = False) -> None:
    """Activates or deactivates an account.

    Deactivating it ends the member's sessions immediately. Their links stop working, and their keys are no longer used.
    With `finish`, the keys stay in use until the running tasks have ended and the videos are copied.

    Raises LastAdmin, or User.DoesNotExist if the member was deleted.
    """
    finishing_since = timezone.now() if finish and not is_active else None
    with write_transaction():
        if not is_active:
            _require_another_admin(user)
            _end_sessions(user)
        if not User.objects.filter(pk=user.pk).update(is_active=is_active, finishing_since=finishing_since):
            raise User.DoesNotExist
        notify.wake_poller()


def make_password_reset_link(by: User, user: User) -> str:
    """Returns the token of a link that lets the member choose a new password. Replaces any earlier link."""
    token, now = tokens.new(), timezone.now()
    link = {"created_by": by, "token_hash": tokens.digest(token), "created_at": now, "used_at": None}
    with write_transaction():
        PasswordResetLink.objects.update_or_create(
            user=user, defaults=link | {"expires_at": now + PASSWORD_RESET_LINK_LIFE}
        )
    logger.info("admin %s made a password link for member %s", by.pk, user.pk)
    return token


def use_password_reset_link(link: PasswordResetLink, password: str) -> bool:
    """Sets the password, ends all of the member's sessions, and clears their failed sign-ins.

    Returns False if the link is no longer valid.
    """
    user, now = link.user, timezone.now()
    with write_transaction():
        still = PasswordResetLink.objects.open().filter(pk=link.pk, token_hash=link.token_hash)
        if not still.update(used_at=now):
            return False
        User.objects.filter(pk=user.pk).update(password=make_password(password), unlocked_at=now)
        _end_sessions(user)
    return True


def finishing_members() -> QuerySet[User]:
    """Returns the deactivated members whose running tasks are still being polled and copied."""
    return User.objects.filter(is_active=False, finishing_since__isnull=False)


def end_finishing(user: User) -> bool:
    """Stops using a deactivated member's keys.

    Returns False if the account was activated, or deactivated again, in the meantime.
    """
    with write_transaction():
        still = finishing_members().filter(pk=user.pk, finishing_since=user.finishing_since)
        return bool(still.update(finishing_since=None))


def unlock(user: User) -> None:
    """Clears the account's failed sign-ins, so that it can be tried again from any device without waiting."""
    with write_transaction():
        User.objects.filter(pk=user.pk).update(unlocked_at=timezone.now())


def _require_another_admin(user: User) -> None:
    # Locks every admin, in one order, so that two admins who demote each other at the same time can't both succeed.
    admins = User.objects.filter(is_staff=True, is_active=True).order_by("pk").select_for_update()
    if {admin.pk for admin in admins} == {user.pk}:
        raise LastAdmin(user.username)


def _end_sessions(user: User) -> None:
    # The user's ID is only inside the session's encoded data, so this decodes every session that hasn't expired.
    living = Session.objects.filter(expire_date__gt=timezone.now())
    mine = [one.pk for one in living if str(one.get_decoded().get("_auth_user_id")) == str(user.pk)]
    Session.objects.filter(pk__in=mine).delete()
