"""Imports every model, because Django looks for them here."""

from dashboard.accounts.models import Invitation, PasswordResetLink, User
from dashboard.keys.models import ApiKey
from dashboard.polling.models import PollerHeartbeat
from dashboard.sharing.models import LinkOpening, ShareLink
from dashboard.tasks.models import Task, TaskEvent, TaskTag, TaskText, Video

__all__ = [
    "ApiKey",
    "Invitation",
    "LinkOpening",
    "PasswordResetLink",
    "PollerHeartbeat",
    "ShareLink",
    "Task",
    "TaskEvent",
    "TaskTag",
    "TaskText",
    "User",
    "Video",
]
