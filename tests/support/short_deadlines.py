"""The product's settings, for a server that drops a client sooner than anybody wants to wait in a test."""

from dashboard.settings import *  # noqa: F403

SEND_DEADLINE = 2.0
