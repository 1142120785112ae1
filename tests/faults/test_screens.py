"""In any order of events, screens end up right, and never receive anything that their member may not see.

FAULTS_SEED repeats a run; SCHEDULES sets the number of schedules, with consecutive seeds.
"""

import os
import secrets

import pytest
from asgiref.sync import sync_to_async

from dashboard.accounts.models import User
from dashboard.tasks.models import Task, TaskEvent
from tests.faults.screens import Schedule

FIRST = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(10**6))
NUMBER = int(os.environ.get("SCHEDULES") or 15)


def new_cast() -> list[User]:
    Task.objects.all().delete()
    TaskEvent.objects.all().delete()
    User.objects.all().delete()
    names = {"alice": False, "bob": False, "ada": True}
    return [User.objects.create(username=name, is_staff=is_staff) for name, is_staff in names.items()]


@pytest.mark.django_db(transaction=True)
async def test_every_screen_ends_up_right() -> None:
    for seed in range(FIRST, FIRST + NUMBER):
        print(f"FAULTS_SEED={seed}")
        await Schedule(seed, await sync_to_async(new_cast)()).run()
