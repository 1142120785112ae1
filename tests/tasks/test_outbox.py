"""`TaskEvent.objects.read_after`: its contract for readers. The order of commits is tested in test_event_order."""

import uuid

from dashboard.tasks.models import TaskEvent


def stored(number: int) -> list[int]:
    made = [
        TaskEvent(task_id=uuid.uuid4(), owner_id=1, version=1, kind="label", status="queued") for _ in range(number)
    ]
    TaskEvent.objects.bulk_create(made)
    return sorted(TaskEvent.objects.values_list("pk", flat=True))


def read(cursor: int, limit: int) -> list[int]:
    return [event.pk for event in TaskEvent.objects.read_after(cursor, limit)]


def test_it_reads_in_the_order_of_ids_and_no_more_than_asked(db: None) -> None:
    ids = stored(5)
    assert read(ids[0], 3) == ids[1:4]


def test_a_reader_that_goes_on_from_its_cursor_gets_each_event_once(db: None) -> None:
    ids, seen = stored(5), [0]
    while page := read(seen[-1], 2):
        seen += page
    assert seen == [0, *ids]


def test_a_gap_in_the_ids_is_no_end(db: None) -> None:
    ids = stored(5)
    TaskEvent.objects.filter(pk__in=ids[1:3]).delete()
    assert read(ids[0], 2) == ids[3:]
