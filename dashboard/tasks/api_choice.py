"""Chooses the gateway API for a new video by its model or key, as configured in the settings."""

from fnmatch import fnmatchcase

from django.conf import settings
from django.utils.translation import gettext

from dashboard.upstream.apis import Api


def takes_references() -> bool:
    """Whether any model or key uses the API that accepts several images, videos and audio files."""
    return bool(settings.VOLCENGINE_MODELS or settings.VOLCENGINE_KEYS)


def api_for(model: str, key_label: str) -> Api:
    """In the names of `VOLCENGINE_MODELS` and `VOLCENGINE_KEYS`, `*` matches any text. Case is ignored."""
    by_model = any(fnmatchcase(model.lower(), pattern.lower()) for pattern in settings.VOLCENGINE_MODELS)
    by_key = any(fnmatchcase(key_label.lower(), pattern.lower()) for pattern in settings.VOLCENGINE_KEYS)
    return Api.VOLCENGINE if by_model or by_key else Api.VIDEOS


def why_no_references() -> str:
    """Says which models and keys accept references, for a request with another model and key."""
    models, keys = settings.VOLCENGINE_MODELS, settings.VOLCENGINE_KEYS
    if not keys:
        text = gettext("This model accepts only a first image. Other references work with the models %(models)s.")
    elif not models:
        text = gettext("This model accepts only a first image. Other references work with the keys %(keys)s.")
    else:
        text = gettext(
            "This model accepts only a first image. "
            "Other references work with the models %(models)s and the keys %(keys)s."
        )
    return text % {"models": ", ".join(models), "keys": ", ".join(keys)}
