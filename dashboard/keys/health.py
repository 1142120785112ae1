"""What polling learns about a key: that it works, is refused, or is rate limited. Pure, except for the last two."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from dashboard.keys.models import ApiKey

USED_EVERY = timedelta(minutes=1)  # how exact `last_used_at` is: a write per poll would tell nobody more
MAX_BACKOFF_STEP: Final = 20


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """A key's columns that polling writes."""

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
    """A request that was sent at `begun_at` was accepted. It ends a suspicion that is older than the request."""
    if health.state == ApiKey.State.REFUSED:
        return health  # a late answer: being tested or replaced is what ends a refusal
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
    """Nothing is sent with the key until then."""
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
    """The key rests until then, or longer if it rests already."""
    if health.backoff_step > 0 and health.backoff_until is not None and health.backoff_until > now:
        # Sent before the rest began, so it tells nothing new about how long to rest.
        return replace(health, backoff_until=max(until, health.backoff_until))
    return replace(health, backoff_until=until, backoff_step=min(health.backoff_step + 1, MAX_BACKOFF_STEP))


def save(key: ApiKey, after: KeyHealth) -> None:
    """Writes the columns that differ from `key` as it was read; `key` carries them afterwards.

    In the caller's transaction.
    """
    before = asdict(KeyHealth.of(key))
    changed = {name: value for name, value in asdict(after).items() if value != before[name]}
    if changed:
        ApiKey.objects.filter(pk=key.pk).update(**changed)
    for name, value in changed.items():
        setattr(key, name, value)


def record_rate_limit(key: ApiKey, until: datetime, now: datetime) -> None:
    """For a request that was no poll."""
    save(key, after_rate_limit(KeyHealth.of(key), until, now))
