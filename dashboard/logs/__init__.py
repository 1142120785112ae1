"""Logging without secrets: log formats, masking, and the access log."""
