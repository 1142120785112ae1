"""One poll: requests a claimed task from the gateway and returns the result."""

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
    """The result of a poll. Exactly one of `reply` and `error` is set.

    An error other than UpstreamError, NoKey or SealBroken is a bug in this program.
    """

    task: Task  # as it was claimed
    begun_at: datetime
    reply: Reply | None = None
    error: Exception | None = None


class SecretCache:
    """A cache of decrypted keys, so that a seal is opened once, not for every poll. A replaced key has a new seal."""

    def __init__(self, most: int = 1_000) -> None:
        self._opened: dict[UUID, tuple[tuple[bytes, int], Secret]] = {}
        self._most = most

    def secret_of(self, key: ApiKey, *, to_finish: bool) -> Secret:
        """Returns the key's secret. Raises KeyUnusable or SealBroken. Makes no query if `key` has its owner loaded."""
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
    """The task has no key any more, or its key may not be used now."""


async def poll_task(gateway: Client, task: Task, secrets: SecretCache, now: Callable[[], datetime]) -> Poll:
    """Polls one task. Never raises except when canceled, so that no task can affect others."""
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
