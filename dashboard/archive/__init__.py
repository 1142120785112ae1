"""Stores our own copy of each finished video, which outlives the gateway's."""
