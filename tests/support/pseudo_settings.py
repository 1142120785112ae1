"""The settings of a server whose second language is `tests.support.pseudo_locale`."""

import os
from pathlib import Path

from dashboard.settings import *  # noqa: F403

LOCALE_PATHS = [Path(os.environ["PSEUDO_LOCALE"])]
LANGUAGES = [("en", "English"), ("xx", "xx")]
