"""Members' API keys: sealed at rest, tested, replaced and revoked, but never shown."""
