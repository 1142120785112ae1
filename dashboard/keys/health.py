"""What polling learns about keys: that one works, is refused, or is rate limited. Callers hold the transaction."""

from datetime import datetime, timedelta

from django.db.models import F

from dashboard.keys.models import ApiKey

USED_EVERY = timedelta(minutes=1)  # how exact `last_used_at` is: a write per poll would tell nobody more


def record_success(key: ApiKey, begun_at: datetime, now: datetime) -> bool:
    """Records that a request begun then was accepted. Returns True if the key was under suspicion before."""
    if key.state == ApiKey.State.REFUSED or key.revoked_at:
        return False  # a late answer: being tested or replaced is what ends a refusal
    fields: dict[str, object] = {}
    if key.refused_first_at and begun_at > key.refused_first_at:
        fields |= {"refused_first_at": None, "refusals": 0}
        if not key.backoff_step:
            fields["backoff_until"] = None
    if key.backoff_step and (key.backoff_until is None or key.backoff_until <= begun_at):
        fields |= {"backoff_step": 0, "backoff_until": None}
    relieved = "refused_first_at" in fields
    if key.state == ApiKey.State.UNTESTED:
        fields |= {"state": ApiKey.State.WORKS, "state_since": now, "checked_at": now}
    if fields or key.last_used_at is None or key.last_used_at < now - USED_EVERY:
        _set(key, **fields, last_used_at=now)
    return relieved


def record_first_refusal(key: ApiKey, now: datetime, until: datetime) -> None:
    """Records the first refusal: nothing is sent with the key until then."""
    _set(key, refused_first_at=now, refusals=1, backoff_until=until, last_used_at=now)


def mark_refused(key: ApiKey, now: datetime) -> None:
    """Records that the refusal was confirmed."""
    _set(
        key,
        state=ApiKey.State.REFUSED,
        state_since=now,
        checked_at=now,
        refusals=F("refusals") + 1,
        backoff_until=None,
        backoff_step=0,
        last_used_at=now,
    )


def back_off(key: ApiKey, until: datetime, now: datetime) -> datetime:
    """Rests the key until then, or longer if it rests already. Returns when the rest ends."""
    if key.backoff_step > 0 and key.backoff_until is not None and key.backoff_until > now:
        # Sent before the rest began, so it tells nothing new about how long to rest.
        until, step = max(until, key.backoff_until), key.backoff_step
    else:
        step = min(key.backoff_step + 1, 20)
    _set(key, backoff_until=until, backoff_step=step)
    return until


def _set(key: ApiKey, **fields: object) -> None:
    ApiKey.objects.filter(pk=key.pk).update(**fields)
    for name, value in fields.items():
        if name != "refusals" or isinstance(value, int):
            setattr(key, name, value)
