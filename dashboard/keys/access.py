"""The only way to somebody's API key: own keys, and everybody's for admins."""

from uuid import UUID

from django.http import Http404

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey, ApiKeyQuerySet


def keys_for(user: User) -> ApiKeyQuerySet:
    """All keys the member may look after, the revoked ones too."""
    return ApiKey.objects.visible_to(user)


def own_usable_keys(user: User) -> ApiKeyQuerySet:
    """What the member may poll and create with, what works first."""
    return ApiKey.objects.filter(owner=user).usable().best_first()


def key_for(user: User, key_id: UUID) -> ApiKey:
    """A revoked one, too. Raises Http404."""
    return _one(keys_for(user), key_id)


def live_key_for(user: User, key_id: UUID) -> ApiKey:
    """Raises Http404, for a revoked key as well: nothing can be done with it."""
    return _one(keys_for(user).unrevoked(), key_id)


def _one(keys: ApiKeyQuerySet, key_id: UUID) -> ApiKey:
    try:
        return keys.with_counts().select_related("owner").get(pk=key_id)
    except ApiKey.DoesNotExist:
        raise Http404("No such key, or not yours.") from None
