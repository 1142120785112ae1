"""Tokens that are links: the bearer holds the text, the database only its hash."""

import hashlib
import secrets


def new() -> str:
    """192 random bits, safe in a url path."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """What is stored: 64 hex digits. The token is random, so a plain hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
