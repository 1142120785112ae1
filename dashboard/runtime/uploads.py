"""Stores request bodies on the disk of DATA_DIR while they are being received.

The default folder may be in memory, like `/tmp` in a container.
"""

import os
import tempfile
import time
from pathlib import Path

from django.conf import settings

from dashboard import data_dir

OUTDATED = 24 * 3600  # seconds; older files, left behind by a killed server, are deleted


def prepare() -> Path:
    """Makes the uploads folder this process's folder for temporary files. Other servers may share it.

    Deletes outdated files in it.
    """
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=data_dir.PRIVATE_FOLDER, exist_ok=True)
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < time.time() - OUTDATED:
            Path(entry.path).unlink(missing_ok=True)
    tempfile.tempdir = str(folder)
    return folder
