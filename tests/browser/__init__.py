"""End to end, in a real Chromium."""
