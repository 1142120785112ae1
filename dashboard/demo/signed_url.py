"""Result URLs that are signed and expire, like those of an object store."""

import hashlib
import hmac
import secrets
from urllib.parse import quote


class Signer:
    """Signs paths for `life` seconds, by default with a secret that only lasts as long as the process."""

    def __init__(self, life: float, secret: bytes | None = None) -> None:
        self.life = life
        self._secret = secret or secrets.token_bytes(32)

    def path(self, task_id: str, video: str, now: float) -> str:
        """Returns the path and query of a video's URL, valid until `now` + life (wall seconds)."""
        path = f"/files/{quote(task_id, safe='')}/{quote(video, safe='')}.mp4"
        expires = f"{now + self.life:.3f}"
        return f"{path}?expires={expires}&sig={self.signature(path, expires)}"

    def holds(self, path: str, expires: str, signature: str, now: float) -> bool:
        """Whether the signature is valid for this path (as sent, quoted) and has not expired."""
        expected = self.signature(path, expires)
        return hmac.compare_digest(expected.encode(), signature.encode()) and now < float(expires)

    def signature(self, path: str, expires: str) -> str:
        return hmac.new(self._secret, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()[:40]
