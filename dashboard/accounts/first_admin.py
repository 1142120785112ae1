"""Creates the first admin of a new installation, through a link that the server prints if it starts without members.

The link works once, for an hour, and only while there are no members. Only the token's hash is stored, in DATA_DIR.
"""

import hmac
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from dashboard import tokens
from dashboard.accounts.actions import NameTaken
from dashboard.accounts.models import User, name_one_at_a_time
from dashboard.database import write_transaction

LIFE: Final = 3600  # seconds


def new_token() -> str:
    """Returns the token for a new link. Any earlier link stops working."""
    token = tokens.new()
    _path().touch(mode=0o600)
    _path().write_text(f"{tokens.digest(token)} {int(time.time()) + LIFE}")
    return token


def is_valid(token: str) -> bool:
    try:
        digest, expires_at = _path().read_text().split()
    except (FileNotFoundError, ValueError):
        return False
    is_same = hmac.compare_digest(digest, tokens.digest(token))
    return is_same and time.time() < int(expires_at) and not User.objects.exists()  # guard: setup-link-ends


def create(token: str, username: str, password: str) -> User | None:
    """Returns the new admin, or None if the link was used or has expired in the meantime. Raises NameTaken."""
    try:
        with write_transaction(), transaction.atomic():
            name_one_at_a_time()
            if not is_valid(token):
                return None
            user = User.objects.create_superuser(username, password=password)
    except (IntegrityError, ValidationError) as error:
        raise NameTaken(username) from error
    _path().unlink(missing_ok=True)
    return user


def _path() -> Path:
    return Path(settings.DATA_DIR) / "setup_link"
