"""The product's settings over a throw-away DATA_DIR, with an https-free, local set-up that tests can rely on."""

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="reelboard-tests-"))
os.environ.setdefault("AMUX_BASE_URL", "http://127.0.0.1:1")

from dashboard.settings import *  # noqa: F403
from dashboard.settings import DATA_DIR, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"].pop("pool")

# See dashboard.failpoints; only settings for tests have this.
FAILPOINT = os.environ.get("FAILPOINT", "")
