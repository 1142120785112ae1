"""compose.yaml and Dockerfile as data, and the containers that they describe as processes of this machine."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.processes import ROOT

PRODUCT = ("server1", "server2", "poller1", "poller2")
START = 60.0  # seconds


def compose() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert isinstance(document, dict)
    return document


def dockerfile() -> list[tuple[str, str]]:
    """Returns its instructions, each with its arguments."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, rest in lines]


def said(instruction: str) -> str:
    """Returns the arguments of the last such instruction."""
    return [rest for name, rest in dockerfile() if name == instruction][-1]


def copied() -> list[str]:
    """Returns the paths of the repository that its last stage copies into the image."""
    names = [name for name, _ in dockerfile()]
    last = len(names) - names[::-1].index("FROM")
    copies = [rest.split() for name, rest in dockerfile()[last:] if name == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def settings_read() -> set[str]:
    """Returns the names that dashboard/settings.py reads from the environment, with NAME_FILE for each secret."""
    found = re.findall(r'env\.(\w+)\(\s*"(\w+)"', (ROOT / "dashboard/settings.py").read_text())
    files = {f"{name}_FILE" for kind, name in found if "secret" in kind}
    return {name for _, name in found} | files


@dataclass
class Container:
    """A service of compose.yaml as a plain process: its command and environment, with addresses of this machine."""

    name: str
    folder: Path
    env: dict[str, str]
    output: list[str] = field(default_factory=list)
    port: int = 0

    def start(self) -> None:
        """Returns immediately."""
        words = [word.replace("0.0.0.0", "127.0.0.1") for word in compose()["services"][self.name]["command"]]
        python, *entrypoint = json.loads(said("ENTRYPOINT"))
        assert python == "python"
        command = [sys.executable, *entrypoint, *words]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=pipe, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Returns the match as soon as the output contains it."""
        deadline = time.monotonic() + START
        while True:
            found = re.search(pattern, "".join(self.output))
            if found:
                return found
            assert self.process.poll() is None, "".join(self.output)
            assert time.monotonic() < deadline, "".join(self.output)
            time.sleep(0.05)

    def close(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=60)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.output.extend(lines)


def image(folder: Path) -> Path:
    """A folder with exactly the files of the repository that are in the image."""
    for source in copied():
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    return folder


def environment(name: str, secrets: Path, **here: str) -> dict[str, str]:
    """Returns the environment of a service in compose.yaml; `here` replaces what is different on this machine."""
    given = {key: str(value) for key, value in compose()["services"][name]["environment"].items()}
    given = {key: value.replace("/run/secrets", str(secrets)) for key, value in given.items()}
    assert set(here) - {"DATA_DIR", "PORT"} <= set(given)
    return {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **given, **here}
