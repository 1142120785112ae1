"""The version of the static files, which is part of their address: what never changes under it is kept by browsers.

    /static/0123456789ab/css/base.css

There is no build: the files stand under their own names, so a script imports another by its relative path, and both are
of one version.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

PREFIX = "/static/"
VERSION_LENGTH = 12  # hexadecimal digits
PACKAGES = ("django-htmx",)  # that bring files of their own


def version_of(folder: Path) -> str:
    """A hash of every file in `folder`, and of the packages that bring some."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION_LENGTH]
