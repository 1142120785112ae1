"""Makes task IDs in the form of each dialect, and guesses the dialect of an unknown ID."""

import base64
import random
import re
import string
import uuid

ALPHABET = string.ascii_lowercase + string.digits
SORA = re.compile(r"video_[0-9a-f]{32}")
PLAIN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def make(dialect: str, rng: random.Random) -> str:
    """Returns a new ID in the dialect's form."""
    if dialect.startswith("new-api"):
        return "task_" + "".join(rng.choices(string.ascii_letters + string.digits, k=32))
    if dialect == "openai-sora":
        return f"video_{rng.getrandbits(128):032x}"
    if dialect == "litellm":
        return litellm(rng)
    if dialect == "sglang":
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return "".join(rng.choices(ALPHABET, k=12))


def litellm(rng: random.Random) -> str:
    """Returns a `video_` ID that encodes provider, model and inner ID in base64, and contains `/`, `+` and `=`."""
    while True:
        inner = f"litellm:custom_llm_provider:openai;model_id:sora-2;video_id:{rng.getrandbits(64):x};"
        packed = base64.b64encode(inner.encode() + rng.randbytes(13)).decode()
        if all(sign in packed for sign in "/+="):
            return f"video_{packed}"


def guess(task_id: str) -> str:
    """Returns the dialect that an unknown ID would belong to."""
    if task_id.startswith("task_"):
        return "new-api-flat"
    if SORA.fullmatch(task_id):
        return "openai-sora"
    if task_id.startswith("video_"):
        return "litellm"
    return "sglang" if PLAIN.fullmatch(task_id) else "amux"
