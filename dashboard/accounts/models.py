"""Members, invitations and password reset links."""

import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard import tokens
from dashboard.accounts import names
from dashboard.database import write_transaction

NAME_TAKEN = _("This name is taken. Choose another one.")
ADDRESS_TAKEN = _("This address is someone else's name. Use another one.")
THEMES = (("", _("System default")), ("light", _("Light")), ("dark", _("Dark")))
BOARD_VIEWS = ("table", "gallery")
NAMING = 7_301_114_010  # key of a PostgreSQL advisory lock
INVITATION_LIFE = timedelta(days=7)
PASSWORD_RESET_LINK_LIFE = timedelta(hours=24)


class User(AbstractUser):
    """A member of the team. Admins have `is_staff` set."""

    username = models.CharField(
        max_length=150,
        unique=True,
        help_text=_("Letters, digits and @ . + - _"),
        validators=[names.validate],
        error_messages={"unique": NAME_TAKEN},
    )
    # Set while the account is deactivated but its keys are still used to poll and copy the tasks that were running.
    finishing_since = models.DateTimeField(null=True, blank=True)
    # Failed sign-ins before this time don't count. It is in the database because each server may have its own counts.
    unlocked_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(max_length=10, blank=True, default="")  # one of LANGUAGES, or that of the browser
    time_zone = models.CharField(max_length=64, blank=True, null=True)  # None: that of the browser
    theme = models.CharField(max_length=5, blank=True, default="", choices=THEMES)
    board_view = models.CharField(
        max_length=7, default="table", db_default="table", choices=[(view, view) for view in BOARD_VIEWS]
    )
    _in_database: Mapping[str, str] = {}  # username and email address as loaded

    class Meta(AbstractUser.Meta):
        db_table = "member"

    def save(self, *args: Any, **options: Any) -> None:
        """Raises ValidationError if a new username or email address could be mistaken for another member's."""
        if not self._is_named_anew(options.get("update_fields")):
            super().save(*args, **options)
            return
        with write_transaction():
            name_one_at_a_time()
            self.username = names.normalized(self.username)
            names.validate(self.username)
            self._refuse_likeness()
            super().save(*args, **options)
        self._in_database = _told_apart_by(self)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> "User":
        made = super().from_db(db, field_names, values, **options)
        made._in_database = _told_apart_by(made)
        return made

    def clean(self) -> None:
        super().clean()
        if self.username:  # empty if the form has already rejected it
            self._refuse_likeness()

    def _is_named_anew(self, saved: Collection[str] | None) -> bool:
        changed = {name for name, value in self._in_database.items() if self.__dict__.get(name) != value}
        return self._state.adding or bool(changed if saved is None else changed.intersection(saved))

    def _refuse_likeness(self) -> None:
        name, address = names.folded(self.username), names.folded(self.email)
        for other_name, other_address in User.objects.exclude(pk=self.pk).values_list("username", "email"):
            if name in {names.folded(other_name), names.folded(other_address)}:
                raise ValidationError({"username": NAME_TAKEN})
            if address == names.folded(other_name):
                raise ValidationError({"email": ADDRESS_TAKEN})

    @property
    def is_admin(self) -> bool:
        return self.is_staff

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username


def _told_apart_by(user: User) -> dict[str, str]:
    return {name: value for name, value in vars(user).items() if name in {"username", "email"}}


def name_one_at_a_time() -> None:
    """Prevents two requests from taking lookalike names at the same time. SQLite has a single writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NAMING])


class PasswordResetLinkQuerySet(models.QuerySet["PasswordResetLink"]):
    def open(self) -> "PasswordResetLinkQuerySet":
        """Returns links that are unused and not expired, for active members, whose creator is still an active admin."""
        unused = self.filter(used_at=None, expires_at__gt=timezone.now(), user__is_active=True)
        return unused.filter(
            created_by__is_active=True, created_by__is_staff=True
        )  # guard: password-reset-link-needs-admin

    def for_token(self, token: str) -> "PasswordResetLinkQuerySet":
        return self.open().filter(token_hash=tokens.digest(token))


class PasswordResetLink(models.Model):
    """Lets a member choose a new password, once. A member has at most one link at a time."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="password_reset_link")
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PasswordResetLinkQuerySet] = PasswordResetLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "password_reset_link"

    def __str__(self) -> str:
        return f"password link for {self.user_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unused(self) -> "InvitationQuerySet":
        """Returns invitations that are not used, revoked or expired.

        This includes those whose creator isn't an admin at the moment. They work again if the creator becomes one.
        """
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def open(self) -> "InvitationQuerySet":
        """Returns unused invitations whose creator is still an active admin.

        Otherwise, a removed admin could come back with an invitation that they created for themselves.
        """
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
        """Whether it doesn't work now because its creator isn't an active admin. See `InvitationQuerySet.open`."""
        return not (self.created_by.is_active and self.created_by.is_admin)
