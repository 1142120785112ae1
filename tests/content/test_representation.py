"""content.representation: determined once, stored, and the same for every viewer."""

from dashboard.content import representation
from dashboard.content.representation import Representation
from dashboard.tasks.models import Task, Video
from tests.content.conftest import N
from tests.support.tasks import video_of


def unopened(video: Task) -> Video:
    Video.objects.filter(pk=video.pk).update(size_bytes=None, content_type="", content_etag="")
    return video_of(video)


def test_it_believes_the_first_of_two_viewers(video: Task) -> None:
    found = unopened(video)
    first = representation.derive(found, 5, "video/mp4", "content", '"a"')
    second = representation.derive(found, 6, "video/mp4", "url", '"b"')
    assert representation.save(found, first) == representation.save(found, second) == first
    assert representation.load(video_of(video)) == first


def test_it_keeps_nothing_of_a_video_without_a_size(video: Task) -> None:
    found = unopened(video)
    unknown = representation.derive(found, None, "video/mp4", "content", '"a"')
    assert representation.save(found, unknown) == unknown == Representation(None, "video/mp4", "")
    assert representation.load(video_of(video)) is None


def test_it_still_answers_for_a_task_deleted_meanwhile(video: Task) -> None:
    found = video_of(video)
    learnt = representation.derive(found, 5, "video/mp4", "content", '"a"')
    Task.objects.all().delete()
    Video.objects.all().delete()
    assert representation.save(found, learnt) == learnt


def test_it_hears_a_contradiction_only_from_the_same_source(video: Task) -> None:
    learnt = representation.derive(video_of(video), 5, "video/mp4", "content", '"a"')
    assert not learnt.contradicted_by("content", '"a"')
    assert not learnt.contradicted_by("content", None)
    assert not learnt.contradicted_by("url", '"b"')
    assert learnt.contradicted_by("content", '"b"')


def test_it_forgets_only_what_it_was_told_of(video: Task) -> None:
    representation.invalidate(video_of(video), Representation(7, "video/mp4", '"newer"'))
    assert video_of(video).size_bytes == N
