"""Tokens for links. The link contains the token; the database stores only its hash."""

import hashlib
import secrets


def new() -> str:
    """Returns 192 random bits as URL-safe text."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """Returns the hash to store, as 64 hex digits. Tokens are random, so a plain hash is safe."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
