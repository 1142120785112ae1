"""content.representation: derived once, kept, and the same for every viewer."""

from dashboard.content import representation
from dashboard.content.representation import Representation
from dashboard.tasks.models import Task


def opened_first(video: Task) -> Task:
    Task.objects.filter(pk=video.pk).update(size_bytes=None, content_type="", content_etag="")
    return Task.objects.get(pk=video.pk)


def test_it_believes_the_first_of_two_viewers(video: Task) -> None:
    task = opened_first(video)
    first = representation.derive(task, 5, "video/mp4", "content", '"a"')
    second = representation.derive(task, 6, "video/mp4", "url", '"b"')
    assert representation.save(task, first) == representation.save(task, second) == first
    assert representation.load(Task.objects.get(pk=video.pk)) == first


def test_it_keeps_nothing_of_a_video_without_a_size(video: Task) -> None:
    task = opened_first(video)
    unknown = representation.derive(task, None, "video/mp4", "content", '"a"')
    assert representation.save(task, unknown) == unknown == Representation(None, "video/mp4", "")
    assert representation.load(Task.objects.get(pk=video.pk)) is None


def test_it_still_answers_for_a_task_deleted_meanwhile(video: Task) -> None:
    learnt = representation.derive(video, 5, "video/mp4", "content", '"a"')
    Task.objects.all().delete()
    assert representation.save(video, learnt) == learnt


def test_it_hears_a_contradiction_only_from_the_same_source(video: Task) -> None:
    learnt = representation.derive(video, 5, "video/mp4", "content", '"a"')
    assert not learnt.contradicted_by("content", '"a"')
    assert not learnt.contradicted_by("content", None)
    assert not learnt.contradicted_by("url", '"b"')
    assert learnt.contradicted_by("content", '"b"')


def test_it_forgets_only_what_it_was_told_of(video: Task) -> None:
    representation.invalidate(video, Representation(7, "video/mp4", '"newer"'))
    assert Task.objects.get(pk=video.pk).size_bytes == video.size_bytes
