"""Which API of the gateway a new video is requested from: by model or key, as the settings say."""

from fnmatch import fnmatchcase

from django.conf import settings

from dashboard.upstream.apis import Api


def takes_references() -> bool:
    """Whether anything here goes to the API that takes several images, videos and sounds."""
    return bool(settings.VOLCENGINE_MODELS or settings.VOLCENGINE_KEYS)


def api_for(model: str, key_label: str) -> Api:
    """`VOLCENGINE_MODELS` and `VOLCENGINE_KEYS` hold names, in which `*` stands for any text; case does not matter."""
    by_model = any(fnmatchcase(model.lower(), pattern.lower()) for pattern in settings.VOLCENGINE_MODELS)
    by_key = any(fnmatchcase(key_label.lower(), pattern.lower()) for pattern in settings.VOLCENGINE_KEYS)
    return Api.VOLCENGINE if by_model or by_key else Api.VIDEOS


def models_and_keys() -> str:
    """What takes references, in words."""
    models, keys = settings.VOLCENGINE_MODELS, settings.VOLCENGINE_KEYS
    named = [f"the models {', '.join(models)}"] * bool(models) + [f"the keys {', '.join(keys)}"] * bool(keys)
    return " and ".join(named)
