"""Logging: one line per record, without secrets."""
