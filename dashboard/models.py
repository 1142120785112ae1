"""Every model, imported where Django looks for them."""

from dashboard.accounts.models import Invitation, User
from dashboard.keys.models import ApiKey
from dashboard.polling.models import PollerHeartbeat
from dashboard.sharing.models import ShareLink
from dashboard.tasks.models import Task, TaskEvent, TaskText
from dashboard.videos.models import VideoCopy

__all__ = ["ApiKey", "Invitation", "PollerHeartbeat", "ShareLink", "Task", "TaskEvent", "TaskText", "User", "VideoCopy"]
