"""The video: ranges, sources, the two views."""
