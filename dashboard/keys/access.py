"""The only way to look up API keys. Members can access their own keys, and admins can access all of them."""

from uuid import UUID

from django.http import Http404

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey, ApiKeyQuerySet


def keys_for(user: User) -> ApiKeyQuerySet:
    """Returns all keys that the user may manage, including revoked ones."""
    return ApiKey.objects.visible_to(user)


def own_usable_keys(user: User) -> ApiKeyQuerySet:
    """Returns the keys that the user may poll and create tasks with, refused keys last."""
    return ApiKey.objects.filter(owner=user).usable().best_first()


def key_for(user: User, key_id: UUID) -> ApiKey:
    """Returns the key, even if it is revoked. Raises Http404 if there is none or the user may not manage it."""
    return _one(keys_for(user), key_id)


def live_key_for(user: User, key_id: UUID) -> ApiKey:
    """Like `key_for`, but also raises Http404 if the key is revoked."""
    return _one(keys_for(user).unrevoked(), key_id)


def _one(keys: ApiKeyQuerySet, key_id: UUID) -> ApiKey:
    try:
        return keys.with_counts().select_related("owner").get(pk=key_id)
    except ApiKey.DoesNotExist:
        raise Http404("No such key, or not yours.") from None
