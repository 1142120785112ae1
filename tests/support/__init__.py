"""Shared test helpers: members, servers, processes, and database engines."""
