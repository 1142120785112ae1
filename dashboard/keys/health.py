"""Tracks what polling learns about a key: it works, is refused, or is rate limited.

Pure, except for `save` and `record_rate_limit`.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from dashboard.keys.models import ApiKey

USED_EVERY = timedelta(minutes=1)  # precision of `last_used_at`; avoids a write per poll
MAX_BACKOFF_STEP: Final = 20


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """The columns of a key that polling writes."""

    state: str
    state_since: datetime
    checked_at: datetime | None
    refused_first_at: datetime | None
    refusals: int
    backoff_until: datetime | None
    backoff_step: int
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyHealth":
        return cls(
            key.state,
            key.state_since,
            key.checked_at,
            key.refused_first_at,
            key.refusals,
            key.backoff_until,
            key.backoff_step,
            key.last_used_at,
        )


def after_success(health: KeyHealth, begun_at: datetime, now: datetime) -> KeyHealth:
    """Returns the health after the gateway accepted a request that was sent at `begun_at`.

    Clears an unconfirmed refusal from before the request, and a rate limit whose wait had ended by then.
    """
    if health.state == ApiKey.State.REFUSED:
        return health  # a late response; only testing or replacing the key ends a refusal
    after = health
    if after.refused_first_at and begun_at > after.refused_first_at:
        until = after.backoff_until if after.backoff_step else None
        after = replace(after, refused_first_at=None, refusals=0, backoff_until=until)
    if health.backoff_step and (health.backoff_until is None or health.backoff_until <= begun_at):
        after = replace(after, backoff_step=0, backoff_until=None)
    if health.state == ApiKey.State.UNTESTED:
        after = replace(after, state=ApiKey.State.WORKS, state_since=now, checked_at=now)
    if after != health or health.last_used_at is None or health.last_used_at < now - USED_EVERY:
        after = replace(after, last_used_at=now)
    return after


def after_first_refusal(health: KeyHealth, now: datetime, until: datetime) -> KeyHealth:
    """Returns the health after a first refusal. Nothing is sent with the key before `until`."""
    return replace(health, refused_first_at=now, refusals=1, backoff_until=until, last_used_at=now)


def after_confirmed_refusal(health: KeyHealth, now: datetime) -> KeyHealth:
    return replace(
        health,
        state=ApiKey.State.REFUSED,
        state_since=now,
        checked_at=now,
        refusals=health.refusals + 1,
        backoff_until=None,
        backoff_step=0,
        last_used_at=now,
    )


def after_rate_limit(health: KeyHealth, until: datetime, now: datetime) -> KeyHealth:
    """Returns the health after a rate limit. The key isn't used before `until`, or longer if it already has to wait."""
    if health.backoff_step > 0 and health.backoff_until is not None and health.backoff_until > now:
        # The request was sent before the current wait began, so the backoff step doesn't change.
        return replace(health, backoff_until=max(until, health.backoff_until))
    return replace(health, backoff_until=until, backoff_step=min(health.backoff_step + 1, MAX_BACKOFF_STEP))


def save(key: ApiKey, after: KeyHealth) -> None:
    """Writes the columns that differ from `key` as loaded, and updates `key`. Runs in the caller's transaction."""
    before = asdict(KeyHealth.of(key))
    changed = {name: value for name, value in asdict(after).items() if value != before[name]}
    if changed:
        ApiKey.objects.filter(pk=key.pk).update(**changed)
    for name, value in changed.items():
        setattr(key, name, value)


def record_rate_limit(key: ApiKey, until: datetime, now: datetime) -> None:
    """Records a rate limit on a request that wasn't a poll."""
    save(key, after_rate_limit(KeyHealth.of(key), until, now))
