"""The product's settings with a temporary DATA_DIR, for a local setup without https."""

import os
import tempfile

from cryptography.fernet import Fernet

os.environ["LANGUAGE"] = "en"  # what commands print
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="reelboard-tests-"))
os.environ.setdefault("AMUX_BASE_URL", "http://127.0.0.1:1")

from dashboard import env
from dashboard.logs import masking
from dashboard.settings import *  # noqa: F403
from dashboard.settings import CACHES, CHANNEL_LAYERS, DATA_DIR, DATABASES, REDIS_URL

# Created as on the first start; also for the processes of tests that use another database.
KEYRING = env.fernet_keys("KEYRING", env.kept_secret("KEYRING", DATA_DIR, lambda: Fernet.generate_key().decode()))
masking.protect(*(key.decode() for key in KEYRING))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"].pop("pool")
if REDIS_URL:
    # Several test processes share one Redis, and pub/sub ignores database numbers.
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] += os.environ.get("PYTEST_XDIST_WORKER", "")
    CACHES["default"]["KEY_PREFIX"] += os.environ.get("PYTEST_XDIST_WORKER", "")

# See dashboard.failpoints; only the test settings have this.
FAILPOINT = os.environ.get("FAILPOINT", "")
