"""content.facts: learnt once, kept, and the same for every viewer."""

from dashboard.content import representation
from dashboard.content.representation import Representation
from dashboard.tasks.models import Task


def opened_first(film: Task) -> Task:
    Task.objects.filter(pk=film.pk).update(size_bytes=None, content_type="", content_etag="")
    return Task.objects.get(pk=film.pk)


def test_it_believes_the_first_of_two_viewers(film: Task) -> None:
    task = opened_first(film)
    first = representation.derive(task, 5, "video/mp4", "content", '"a"')
    second = representation.derive(task, 6, "video/mp4", "url", '"b"')
    assert representation.save(task, first) == representation.save(task, second) == first
    assert representation.load(Task.objects.get(pk=film.pk)) == first


def test_it_keeps_nothing_of_a_film_without_a_size(film: Task) -> None:
    task = opened_first(film)
    unknown = representation.derive(task, None, "video/mp4", "content", '"a"')
    assert representation.save(task, unknown) == unknown == Representation(None, "video/mp4", "")
    assert representation.load(Task.objects.get(pk=film.pk)) is None


def test_it_still_answers_for_a_task_deleted_meanwhile(film: Task) -> None:
    learnt = representation.derive(film, 5, "video/mp4", "content", '"a"')
    Task.objects.all().delete()
    assert representation.save(film, learnt) == learnt


def test_it_hears_a_contradiction_only_from_the_same_source(film: Task) -> None:
    learnt = representation.derive(film, 5, "video/mp4", "content", '"a"')
    assert not learnt.contradicted_by("content", '"a"')
    assert not learnt.contradicted_by("content", None)
    assert not learnt.contradicted_by("url", '"b"')
    assert learnt.contradicted_by("content", '"b"')


def test_it_forgets_only_what_it_was_told_of(film: Task) -> None:
    representation.invalidate(film, Representation(7, "video/mp4", '"newer"'))
    assert Task.objects.get(pk=film.pk).size_bytes == film.size_bytes
