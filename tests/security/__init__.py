"""Attacks, each with its defense."""
