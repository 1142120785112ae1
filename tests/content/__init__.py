"""Videos: ranges, sources, and the two views."""
