"""The version of the static files. It is part of their URLs, so that browsers can cache them forever.

    /static/0123456789ab/css/base.css

There is no build step. The files keep their names, so scripts import each other by relative path, and always get the
same version.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

PREFIX = "/static/"
VERSION_LENGTH = 12  # hexadecimal digits
PACKAGES = ("django-htmx",)  # packages with their own static files


def version_of(folder: Path) -> str:
    """Returns a hash of all files in `folder`, and of the versions of PACKAGES."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION_LENGTH]
