"""The product's settings, with a shorter deadline for disconnecting slow clients."""

from dashboard.settings import *  # noqa: F403

SEND_DEADLINE = 2.0
