"""The list of models that a gateway offers with a key, as OpenAI's `GET /v1/models` has it. Pure."""

from typing import Final

from dashboard.upstream import values
from dashboard.upstream.json_objects import mapping

PATH: Final = "/v1/models"
MOST: Final = 500
_ID_LIMIT: Final = 200  # characters, as many as the form takes


def model_ids(document: object) -> list[str]:
    """In the gateway's order, each once. Empty for a document without such a list."""
    fields = mapping(document)
    listed = document if isinstance(document, list) else fields.get("data", fields.get("models"))
    if not isinstance(listed, list):
        return []
    found = (values.text(_id_of(item), _ID_LIMIT + 1) for item in listed[: MOST * 2])
    return [*dict.fromkeys(text for text in found if text and len(text) <= _ID_LIMIT)][:MOST]


def _id_of(item: object) -> object:
    return item if isinstance(item, str) else mapping(item).get("id", mapping(item).get("name"))
