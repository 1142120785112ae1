"""Tasks for tests, stored as the product stores them: a completed task has a video."""

from dashboard.tasks.models import Task, Video

OF_THE_VIDEO = {"url", "size_bytes", "content_type", "content_etag", "copy_state", "kept_at"}


def store_task(**fields: object) -> Task:
    """Stores a task with `fields`; the fields of a video go to its first video. No event is stored."""
    of_task = {name: value for name, value in fields.items() if name not in OF_THE_VIDEO}
    task = Task.objects.create(**of_task)
    change_task(task, **fields)
    return task


def change_task(task: Task, **fields: object) -> None:
    """Sets `fields` on the stored task and its first video. No event is stored."""
    of_video = {name: value for name, value in fields.items() if name in OF_THE_VIDEO}
    of_task = {name: value for name, value in fields.items() if name not in OF_THE_VIDEO}
    if of_task:
        Task.objects.filter(pk=task.pk).update(**of_task)
    if of_video or of_task.get("status") == "completed":
        Video.objects.update_or_create(pk=task.pk, defaults={"task": task, **of_video})


def video_of(task: Task) -> Video:
    """Returns the task's first video as it is stored now."""
    return Video.objects.get(pk=task.pk)
