"""The demo gateway: the upstream API, its dialects and its videos, for the demo and the tests."""
