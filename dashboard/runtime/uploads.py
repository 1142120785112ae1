"""Where the bodies of requests wait while they are received: on the disk of DATA_DIR.

The usual place may be memory, as `/tmp` is in a container.
"""

import os
import tempfile
import time
from pathlib import Path

from django.conf import settings

from dashboard import data_dir

OUTDATED = 24 * 3600  # seconds; what a killed server has left behind is removed after that


def prepare() -> Path:
    """Makes the folder the one for temporary files of this process. Other servers may use it at the same time."""
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=data_dir.PRIVATE_FOLDER, exist_ok=True)
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < time.time() - OUTDATED:
            Path(entry.path).unlink(missing_ok=True)
    tempfile.tempdir = str(folder)
    return folder
