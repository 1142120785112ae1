"""Changes a server's database from outside. Reads and writes lines of JSON; run by `tests.support.processes`.

This is a separate process, because the database of a DATA_DIR can only be opened with the settings of that DATA_DIR.
Imported after `django.setup()`.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, writes
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream.secret import Secret
from tests.support.tasks import store_task


def member(username: str, password: str = "correct horse", is_admin: bool = False) -> int:
    user = User(username=username, is_staff=is_admin)
    # One iteration: sign-in is what is tested, not the cost of guessing a password.
    user.password = PBKDF2PasswordHasher().encode(password, "salt", iterations=1)
    user.save()
    return user.pk


def key(owner: str, secret: str, label: str = "main") -> str:
    return str(key_actions.add(User.objects.get(username=owner), label, Secret(secret)).pk)


def session(username: str) -> str:
    """Returns a Cookie header of a signed-in session."""
    user = User.objects.get(username=username)
    store = SessionStore()
    store[auth.SESSION_KEY] = str(user.pk)
    store[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def task(owner: str, **fields: Any) -> str:
    made = store_task(owner=User.objects.get(username=owner), **fields)
    writes.record_events([writes.event_of(made, TaskEvent.Kind.CREATED)])
    return str(made.pk)


def tracked(owner: str, key: str, upstream_ids: list[str]) -> int:
    user, secret = User.objects.get(username=owner), ApiKey.objects.get(pk=key)
    return sum(is_new for _, is_new in (actions.track(user, secret, upstream_id) for upstream_id in upstream_ids))


def relabel(task: str, label: str) -> int:
    """Changes the task as another process would: without a notification, if the channel layer is in memory."""
    assert writes.update_task(Task.objects.get(pk=task), TaskEvent.Kind.LABEL, label=label)
    return TaskEvent.objects.last_cursor()


def rows(sql: str) -> list[list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [[str(value) for value in found] for found in cursor.fetchall()]


def load(table: str, rows: list[dict[str, Any]], flags: list[str]) -> None:
    """Stores rows by their columns, as an older version of the product wrote them. `flags`: the boolean columns."""
    for row in rows:
        values = [bool(value) if name in flags else value for name, value in row.items()]
        values = [str(value).encode() if name == "sealed" else value for name, value in zip(row, values, strict=True)]
        names, places = ", ".join(f'"{name}"' for name in row), ", ".join(["%s"] * len(row))
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)


def last_four_opened() -> list[str]:
    """Returns the last four characters of every API key, decrypted with this process's keyring."""
    return [key_actions.open_secret(found).reveal()[-4:] for found in ApiKey.objects.select_related("owner")]


MADE_KNOWN = (member, key, session, task, tracked, relabel, rows, load, last_four_opened)
ACTS: dict[str, Callable[..., Any]] = {act.__name__: act for act in MADE_KNOWN}


def main() -> None:
    for line in sys.stdin:
        act, given = json.loads(line)
        print(json.dumps(ACTS[act](**given)), flush=True)
