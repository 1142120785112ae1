"""Whether the server is alive, ready, and how it does."""
