"""Tests of the demo gateway itself."""
