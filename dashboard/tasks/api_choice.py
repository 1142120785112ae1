"""Chooses the gateway API for a new video by its model or key, as configured in the settings."""

from fnmatch import fnmatchcase

from django.conf import settings

from dashboard.upstream.apis import Api


def takes_references() -> bool:
    """Whether any model or key uses the API that accepts several images, videos and audio files."""
    return bool(settings.VOLCENGINE_MODELS or settings.VOLCENGINE_KEYS)


def api_for(model: str, key_label: str) -> Api:
    """In the names of `VOLCENGINE_MODELS` and `VOLCENGINE_KEYS`, `*` matches any text. Case is ignored."""
    by_model = any(fnmatchcase(model.lower(), pattern.lower()) for pattern in settings.VOLCENGINE_MODELS)
    by_key = any(fnmatchcase(key_label.lower(), pattern.lower()) for pattern in settings.VOLCENGINE_KEYS)
    return Api.VOLCENGINE if by_model or by_key else Api.VIDEOS


def models_and_keys() -> str:
    """Describes the models and keys that accept references."""
    models, keys = settings.VOLCENGINE_MODELS, settings.VOLCENGINE_KEYS
    named = [f"the models {', '.join(models)}"] * bool(models) + [f"the keys {', '.join(keys)}"] * bool(keys)
    return " and ".join(named)
