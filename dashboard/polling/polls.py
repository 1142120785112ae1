"""One poll: a claimed task, asked for at the gateway, and what came of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard import failpoints
from dashboard.keys import actions as key_actions
from dashboard.keys import usage
from dashboard.keys.models import ApiKey
from dashboard.keys.sealing import SealBroken
from dashboard.keys.usage import KeyUnusable
from dashboard.tasks.models import Task
from dashboard.upstream.apis import Api
from dashboard.upstream.client import Client, Reply
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.secret import Secret

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Poll:
    """Exactly one of `reply` and `error` is set. An error that is no UpstreamError is a defect of ours."""

    task: Task  # as it was claimed
    begun_at: datetime
    reply: Reply | None = None
    error: Exception | None = None


class SecretCache:
    """Opened keys, so that a seal is broken once and not for every poll; replacing a key replaces its seal."""

    def __init__(self, most: int = 1_000) -> None:
        self._opened: dict[UUID, tuple[tuple[bytes, int], Secret]] = {}
        self._most = most

    def secret_of(self, key: ApiKey, *, to_finish: bool) -> Secret:
        """Raises KeyUnusable, sealing.SealBroken. No query is made if `key` comes with its owner."""
        usage.check(key, to_finish=to_finish)
        seal = bytes(key.sealed), key.owner_id
        known = self._opened.get(key.pk)
        if known and known[0] == seal:
            return known[1]
        if len(self._opened) >= self._most:
            self._opened.clear()
        secret = key_actions.open_secret(key, to_finish=to_finish)
        self._opened[key.pk] = (seal, secret)
        return secret


class NoKey(Exception):
    """The task's key is gone, or may not be used now."""


async def poll_task(gateway: Client, task: Task, secrets: SecretCache, now: Callable[[], datetime]) -> Poll:
    """Never raises but when cancelled: whatever goes wrong with one task must not reach the others."""
    begun_at = now()
    try:
        if task.key is None:
            raise NoKey
        failpoints.hit("before_request")
        secret = secrets.secret_of(task.key, to_finish=not task.is_terminal)
        reply = await gateway.retrieve(task.upstream_id, secret, api=Api(task.api))
        failpoints.hit("answered")
        return Poll(task, begun_at, reply=reply)
    except KeyUnusable:
        return Poll(task, begun_at, error=NoKey())
    except (UpstreamError, NoKey, SealBroken) as error:
        return Poll(task, begun_at, error=error)
    except Exception as error:
        logger.exception("poll of task %s failed", task.pk)
        return Poll(task, begun_at, error=error)
