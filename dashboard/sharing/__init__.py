"""Share links: they let members see one task until they expire or are revoked."""
