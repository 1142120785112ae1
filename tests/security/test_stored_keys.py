"""The upgrade removes keys from the database that were tracked as tasks before."""

from importlib import import_module

from django.apps import apps
from django.db import connection

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from tests.support.cast import make_task

KEY = "sk-Zx9canary0000000000"


def upgrade() -> None:
    migration = import_module("dashboard.migrations.0011_keys_out_of_task_ids")
    with connection.schema_editor() as editor:
        migration.take_out(apps, editor)


def test_a_key_is_taken_out_and_not_asked_for(transactional_db: None, alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, KEY, raw=f"no such task {KEY}")
    upgrade()
    assert KEY not in str([*Task.objects.values()])
    assert Task.objects.get(pk=task.pk).next_poll_at is None
    assert Task.objects.get(pk=task.pk).condition == "not_found"
    assert not Task.objects.matching("canary").exists()


def test_real_tasks_stay_as_they_are(transactional_db: None, alice: User, alices_key: ApiKey) -> None:
    make_task(alice, alices_key, "task-sk-1")
    before = [*Task.objects.values()]
    upgrade()
    assert [*Task.objects.values()] == before
