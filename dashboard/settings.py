"""Reelboard's settings. All configurable values come from the environment, and only this file reads it."""

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url

from dashboard import env, languages, static_files

# Every command loads the settings before it creates a file, so all files are private to this user. See data_dir.
os.umask(0o077)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_DIR, lambda: secrets.token_urlsafe(64))
# Empty if there is no keyring yet. `keys.keyring` decides whether to create one, because it can check the database.
KEYRING = env.fernet_keys("KEYRING", env.known_secret("KEYRING", DATA_DIR))

DEBUG = env.flag("DEBUG")
PORT = env.port("PORT", 8000)
SITE_NAME = env.text("SITE_NAME") or "Reelboard"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
for origin in CSRF_TRUSTED_ORIGINS:
    if "://" not in origin:
        raise env.wrong("CSRF_TRUSTED_ORIGINS", origin, "use origins such as https://reelboard.example.com")

AMUX_BASE_URL = env.origin("AMUX_BASE_URL", "https://api.amux.ai")
ALLOWED_PRIVATE_HOSTS = env.host_ports("ALLOWED_PRIVATE_HOSTS")
VOLCENGINE_MODELS = env.words("VOLCENGINE_MODELS")
VOLCENGINE_KEYS = env.words("VOLCENGINE_KEYS")
POLLER = env.one_of("POLLER", ("embedded", "separate"))
POLL_FIRST = env.seconds("POLL_FIRST", 5)
POLL_EVERY = env.seconds("POLL_EVERY", 5)
POLL_DEADLINE = env.seconds("POLL_DEADLINE", 600)
POLL_DEADLINES = env.seconds_by_name("POLL_DEADLINES")  # by model
ARCHIVE = env.one_of("ARCHIVE", ("on", "off")) == "on"
ARCHIVE_LIMIT = env.size("ARCHIVE_LIMIT", "50G")
X_ACCEL = env.flag("X_ACCEL")
X_ACCEL_GROUP = env.group("X_ACCEL_GROUP")
VISIBILITY = env.one_of("VISIBILITY", ("private", "team"))
LOG_LEVEL = env.one_of("LOG_LEVEL", ("info", "warning", "error")).upper()
LOG_FORMAT = env.one_of("LOG_FORMAT", ("text", "json"))
METRICS_TOKEN = env.secret("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise env.wrong("METRICS_TOKEN", "...", "use at least 16 characters, such as those of: openssl rand -hex 24")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.1,::1")
REDIS_URL = env.secret_url("REDIS_URL", ("redis://", "rediss://", "unix://"), "use redis://host:port/number")

INSTALLED_APPS = [
    "dashboard",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "channels",
    "django_htmx",
    "lucide",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dashboard.logs.access_log.log_user",
    "dashboard.web.middleware.security_headers",
    "dashboard.web.static_version.static_version",
    "servestatic.middleware.ServeStaticMiddleware",
    "dashboard.web.compression.PageCompressionMiddleware",
    "dashboard.accounts.sessions.IdleTimeoutSessionMiddleware",
    "dashboard.web.language.LocaleMiddleware",
    "dashboard.web.time_zone.member_time_zone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",  # guard: csrf-check
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.web.middleware.method_not_allowed",
]
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.web.middleware.site_context",
            ],
            "builtins": ["django.templatetags.static", "django.templatetags.i18n"],
        },
    }
]

SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864;"


def _database() -> dict[str, Any]:
    allowed = "use postgres://user:password@host/name, with %2F for a / in the password, and so on"
    url = env.secret_url("DATABASE_URL", ("postgres://", "postgresql://", "sqlite:///"), allowed)
    try:
        found = dj_database_url.parse(url or f"sqlite:///{DATA_DIR / 'reelboard.sqlite3'}")
    except (ValueError, dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise env.wrong("DATABASE_URL", "...", allowed) from None
    database: dict[str, Any] = dict(found)
    database["CONN_MAX_AGE"] = 0
    database["CONN_HEALTH_CHECKS"] = True  # otherwise, each connection lost in a database restart would fail a page
    if database["ENGINE"].endswith("sqlite3"):
        # A deferred transaction that reads and then writes fails immediately if another one has written in between.
        # guard: sqlite-transactions-are-immediate
        database["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
    else:
        database["ENGINE"] = "dashboard.postgresql"
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            # The delay between reconnection attempts grows until `reconnect_timeout`. With the default of 300 s, pages
            # kept failing for another 20 s after a database outage of 30 s.
            "pool": {"min_size": 2, "max_size": 10, "timeout": 5, "reconnect_timeout": 2},
        }
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "reelboard"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

AUTH_USER_MODEL = "dashboard.User"
AUTHENTICATION_BACKENDS = ["dashboard.accounts.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
CSRF_FAILURE_VIEW = "dashboard.web.error_pages.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"login": "dashboard.accounts.forms.SignInForm"}
ACCOUNT_ADAPTER = "dashboard.accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # dashboard.accounts.throttle has its own
# Counts failed sign-ins. With Django's default limit of 300 entries, a few hundred made-up names would evict them all.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "dashboard.accounts.redis_cache.FallbackRedisCache"
        if REDIS_URL
        else "dashboard.accounts.redis_cache.LocalCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "reelboard",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# An https origin means that browsers connect through TLS, so cookies, redirects and HSTS require it.
BEHIND_TLS = any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_TLS else "reelboard_session"
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_TLS else "reelboard_csrf"
DEVICE_COOKIE_NAME = "__Host-device" if BEHIND_TLS else "reelboard_device"
MESSAGES_COOKIE_NAME = "__Host-messages" if BEHIND_TLS else "reelboard_messages"
LANGUAGE_COOKIE_NAME = "__Host-language" if BEHIND_TLS else "reelboard_language"
LANGUAGE_COOKIE_SECURE = BEHIND_TLS
LANGUAGE_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "dashboard.web.message_storage.MessageStorage"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SEND_DEADLINE = 30.0  # seconds until a client that doesn't read its response is dropped
DEFAULT_EXCEPTION_REPORTER = "dashboard.logs.error_report.Report"
DEFAULT_EXCEPTION_REPORTER_FILTER = "dashboard.logs.error_report.ReportFilter"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
# English is the source language. Other languages only need a catalog, no code.
LANGUAGES = [("en", "English"), *languages.found(BASE_DIR / "locale")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
# Unversioned during development, so that URLs don't change with every edit.
STATIC_VERSION = "" if DEBUG else static_files.version_of(BASE_DIR / "static")
STATIC_URL = f"{static_files.PREFIX}{STATIC_VERSION}/" if STATIC_VERSION else static_files.PREFIX
SERVESTATIC_STATIC_PREFIX = static_files.PREFIX
STATIC_ROOT = DATA_DIR / "static"
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755  # of STATIC_ROOT, which is public
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_ALLOW_ALL_ORIGINS = False
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "dashboard.logs.formatters.JsonFormatter"
            if LOG_FORMAT == "json"
            else "dashboard.logs.formatters.TextFormatter",
            "secrets": [
                SECRET_KEY,
                METRICS_TOKEN,
                str(DATABASES["default"].get("PASSWORD", "")),
                env.password_in(REDIS_URL),
                *(key.decode() for key in KEYRING),
            ],
        }
    },
    "filters": {"faults": {"()": "dashboard.logs.filters.FaultFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["faults"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Their INFO lines contain URLs, including signed ones and ones with share tokens.
        **{name: {"level": "WARNING"} for name in ("httpx", "httpcore", "aiohttp", "asyncio")},
        # Django's own handlers would bypass our formatters.
        **{name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
        # The access log covers failed requests. This logger is only for errors with a traceback.
        "django.request": {"level": "ERROR"},
        # Clients can send any host as often as they like. The access log already shows the 400.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Logs three tracebacks a second while Redis is down. Our own log lines and /readyz report the outage.
        "channels_redis": {"level": "CRITICAL"},
    },
}
