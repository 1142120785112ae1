"""The models that an API key may use, as the gateway lists them. Remembered in this process for ten minutes."""

import logging
import time
from typing import Final

from asgiref.sync import async_to_sync

from dashboard.database import release_connection
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.keys.sealing import SealBroken
from dashboard.keys.usage import KeyUnusable
from dashboard.upstream import client
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.secret import Secret

LIFETIME: Final = 600.0  # seconds
_MOST_KEYS: Final = 200

logger = logging.getLogger(__name__)
_listed: dict[bytes, tuple[float, list[str]]] = {}  # by the sealed key: a replaced one is asked for anew


def gateway_models(key: ApiKey) -> list[str]:
    """In the gateway's order. Empty if it has no list, or can't be asked now: the form works without."""
    seal = bytes(key.sealed)
    asked_at, models = _listed.get(seal, (0.0, []))
    if asked_at and time.monotonic() - asked_at < LIFETIME:
        return models
    try:
        secret = key_actions.open_secret(key)
        release_connection()
        models = async_to_sync(_ask)(secret)
    except (KeyUnusable, SealBroken, UpstreamError) as error:
        logger.info("no list of models: %s", type(error).__name__)
        models = []
    if len(_listed) >= _MOST_KEYS:
        _listed.clear()
    _listed[seal] = time.monotonic(), models
    return models


async def _ask(secret: Secret) -> list[str]:
    async with client.client_for_call() as gateway:
        return await gateway.models(secret)
