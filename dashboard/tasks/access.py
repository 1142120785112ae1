"""The only functions that look up tasks for a user. Each checks permission; missing and forbidden look the same."""

from uuid import UUID

from django.http import Http404

from dashboard.accounts.models import User
from dashboard.tasks import visibility
from dashboard.tasks.models import Task, TaskQuerySet, Video


def tasks_for_viewer(user: User) -> TaskQuerySet:
    return Task.objects.visible_to(user)


def tasks_for_editor(user: User) -> TaskQuerySet:
    return Task.objects.visible_to(user).editable_by(user)


def removed_tasks_for_editor(user: User) -> TaskQuerySet:
    """Returns the removed tasks that the user may restore."""
    return Task.objects.removed().editable_by(user)


def task_for_viewer(user: User, task_id: UUID) -> Task:
    """Raises Http404 if there is no such task, or if the user may not see it."""
    return _one(tasks_for_viewer(user), task_id)


def task_for_editor(user: User, task_id: UUID) -> Task:
    """Raises Http404, also for a user who may only see the task."""
    return _one(tasks_for_editor(user), task_id)


def video_of(task: Task, position: str | None) -> Video:
    """Returns the task's video at that position, counted from 1 (None: the first). Raises Http404 if there is none."""
    if position in (None, "1"):
        return task.first_video()
    videos = [video for video in task.videos.all() if str(video.position) == position]
    if not videos:
        raise Http404("The task has no such video.")
    return videos[0]


def can_edit(user: User, task: Task) -> bool:
    return visibility.can_edit(user, task.owner_id)


def _one(tasks: TaskQuerySet, task_id: UUID) -> Task:
    try:
        return tasks.select_related("owner", "key").get(pk=task_id)
    except Task.DoesNotExist:
        raise Http404("No such task, or not yours.") from None
