"""Members, invitations, and signing in."""
