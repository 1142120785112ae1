"""Members' API keys: sealed at rest, tested, replaced, revoked, never shown."""
