"""The server process, its background jobs, and how they start."""
