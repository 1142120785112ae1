"""Serves videos: which bytes, from which source, and how they are sent to a browser."""
