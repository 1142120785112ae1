"""The first admin of a new installation: whoever opens the link that the server prints when it starts without members.

The link works for an hour and once, and never where there is a member. Only its hash is stored, in DATA_DIR.
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
    """The token of the link; one that was printed before no longer works."""
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
    """The admin, or None if somebody else was faster, or the link has ended meanwhile. Raises NameTaken."""
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
